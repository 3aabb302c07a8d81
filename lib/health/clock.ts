import "server-only";
import { processWide } from "@/lib/process-wide";

/** DingTalk refuses signatures that are further off. */
export const SKEW_MS_MAX = 60_000;

type Seen = { skewMs: number | null };
const seen = () => processWide<Seen>("health.clock", () => ({ skewMs: null }));

/** Takes down how far DingTalk's clock was ahead of ours, by an answer's `Date`. */
export function noteClock(skewMs: number | null): void {
  if (skewMs !== null) seen().skewMs = skewMs;
}

/** By how much DingTalk's clock was ahead of ours when it last said so, in milliseconds; `null` before that. */
export const lastClockSkewMs = (): number | null => seen().skewMs;

/** Whether our clock is right, as far as DingTalk has said. */
export const isClockRight = (): boolean => Math.abs(seen().skewMs ?? 0) <= SKEW_MS_MAX;
