import { randomUUID } from "node:crypto";
import type { SyncRow } from "./sync-row";

/** An event of an organization or a third-party app, before it has a shape for a way of delivery. */
export type DingtalkEvent = {
  /** Equal for all copies and attempts. */
  readonly eventId: string;
  readonly bizId: string;
  readonly eventType: string;
  readonly corpId: string;
  /** Milliseconds since the epoch by the simulator's clock. */
  readonly bornAt: number;
  /** Data fields in the casing of the current documentation. */
  readonly data: Readonly<Record<string, unknown>>;
  /** Set for apps that get their events by SyncHTTP. */
  readonly syncRows?: readonly SyncRow[];
};

/** Type and data of an event that happened. */
export type EventDraft = Pick<DingtalkEvent, "eventType" | "data">;

export const makeEvent = (draft: EventDraft, corpId: string, bornAt: number): DingtalkEvent => ({
  eventId: randomUUID().replaceAll("-", ""),
  bizId: randomUUID(),
  eventType: draft.eventType,
  corpId,
  bornAt,
  data: draft.data,
});

/** Shapes of a payload: of the current documentation, or of older subscriptions. */
export const PAYLOAD_SHAPES = ["current", "legacy"] as const;
export type PayloadShape = (typeof PAYLOAD_SHAPES)[number];

/** Events of third-party apps, whose payloads have one shape. Their data have the casing of the payload. */
const SUITE_EVENTS: ReadonlySet<string> = new Set([
  "suite_ticket",
  "tmp_auth_code",
  "change_auth",
  "suite_relieve",
  "org_micro_app_stop",
  "org_micro_app_restore",
  "org_micro_app_remove",
]);

/** Fields that older payloads lack. */
const CURRENT_ONLY: ReadonlySet<string> = new Set(["diffInfo"]);

const capitalize = (name: string): string => `${name.slice(0, 1).toUpperCase()}${name.slice(1)}`;

/**
 * Formats an event as an HTTP push contains it.
 *
 * @see docs/dingtalk/events.md#payload-shapes
 */
export function toPayload(event: DingtalkEvent, shape: PayloadShape): Record<string, unknown> {
  const { eventId, bizId, eventType, corpId, bornAt, data } = event;
  const timeStamp = String(bornAt);
  if (SUITE_EVENTS.has(eventType)) return { EventType: eventType, ...data, TimeStamp: timeStamp };
  if (shape === "current") {
    return {
      EventType: eventType,
      EventTime: bornAt,
      CorpId: corpId,
      BizId: bizId,
      eventId,
      timeStamp,
      ...data,
    };
  }
  const fields = Object.entries(data).filter(([name]) => !CURRENT_ONLY.has(name));
  return {
    CorpId: corpId,
    EventType: eventType,
    ...Object.fromEntries(fields.map(([name, value]) => [capitalize(name), value])),
    TimeStamp: timeStamp,
  };
}
