import { createHash } from "node:crypto";
import type { AppState } from "@/prisma/generated/enums";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** DingTalk asks to stay away from the top of the hour (docs/dingtalk/limits.md#rate-limits). */
const FIRST_MINUTE = 5;
const MINUTES_USED = 60 - FIRST_MINUTE;

/** Where in its period an app's turn is, in milliseconds: the same for ever, and spread over all apps. */
function offsetMs(appId: string, everyHours: number): number {
  const hash = createHash("sha256").update(appId).digest();
  const slot = hash.readUInt32BE(0) % (everyHours * MINUTES_USED);
  const minute = FIRST_MINUTE + (slot % MINUTES_USED);
  const withinMinute = hash.readUInt32BE(4) % MINUTE_MS;
  return Math.floor(slot / MINUTES_USED) * HOUR_MS + minute * MINUTE_MS + withinMinute;
}

/**
 * The latest moment, not after `now`, at which an app's sync was due. It depends on the app's id and on
 * nothing else, so that 300 apps don't start together and no restart moves them.
 *
 * @param everyHours at least 1
 */
export function dueAt(appId: string, everyHours: number, now: Date): Date {
  const periodMs = everyHours * HOUR_MS;
  const offset = offsetMs(appId, everyHours);
  return new Date(Math.floor((now.getTime() - offset) / periodMs) * periodMs + offset);
}

/** When an app's sync is due next; `null` for one that is never synced by itself. */
export function nextDueAt(appId: string, everyHours: number, now: Date): Date | null {
  if (everyHours <= 0) return null;
  return new Date(dueAt(appId, everyHours, now).getTime() + everyHours * HOUR_MS);
}

/** Broken apps wait until a probe succeeds, disabled ones and drafts for a person. */
export const isScheduled = (state: AppState): boolean => state === "verified" || state === "degraded";
