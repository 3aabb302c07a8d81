import { z } from "zod";
import { REMOVAL_REASONS } from "@/lib/directory/changes/change-kinds";
import { DIRECTORY_EVENT_TYPES, EVENT_TYPES, type EventType } from "@/lib/webhook-log/event-types";
import type { WebhookMessage } from "@/lib/webhooks/events/read-events";
import { id, time } from "./values";

const eventType = z.enum(EVENT_TYPES as [EventType, ...EventType[]]);

const envelope = {
  id: z.string().meta({ description: "Also the header `webhook-id`. The same in every attempt." }),
  version: z
    .literal(1)
    .meta({ description: "Changes with the meaning of a field. New fields don't change it." }),
  sequence: z.int().meta({ description: "Increases with every event of the organization." }),
  number: z
    .int()
    .meta({ description: "Position among the changes that were made together; 0 for other events." }),
  timestamp: time,
  appId: id,
};

const state = z.record(z.string(), z.unknown()).nullable();

const directoryData = z
  .object({
    id: z.string().meta({ description: "The department's id or the member's userId." }),
    revision: z.int().meta({ description: "The directory's revision after the change." }),
    setId: id.meta({ description: "Set of changes that were made together. For a sync, the sync's ID." }),
    cause: z.string(),
    reason: z.enum(REMOVAL_REASONS).nullable().meta({ description: "Reason for a removal." }),
    before: state.meta({ description: "State before the change; null if the object is new." }),
    after: state.meta({ description: "State after the change; null if the object was removed." }),
    isPersonalChanged: z
      .boolean()
      .meta({ description: "Personal fields changed. Read the member to get them." }),
  })
  .meta({ id: "DirectoryEventData" });

const faultOf = z
  .object({
    kind: z.string().nullable().meta({ description: "Stable code for programs to branch on." }),
    api: z.string().nullable(),
    code: z.string().nullable(),
    subCode: z.string().nullable(),
    message: z.string().nullable(),
    requestId: z.string().nullable(),
  })
  .meta({ id: "EventFault" });

const counts = z
  .object({
    added: z.int(),
    changed: z.int(),
    moved: z.int(),
    removed: z.int(),
    unchanged: z.int(),
  })
  .meta({ id: "EventCounts" });

const syncData = z
  .object({
    syncId: id,
    isPreview: z.boolean(),
    isComplete: z.boolean(),
    revision: z
      .int()
      .nullable()
      .meta({ description: "The directory's revision after the sync was applied." }),
    departments: counts
      .nullable()
      .meta({ description: "Null for a sync that a person decided about, and for one that events made." }),
    members: counts.nullable(),
    heldFor: z.array(z.string()).meta({ description: "Why the sync is held for a decision." }),
    error: faultOf.nullable(),
    retryAt: time.nullable(),
  })
  .meta({ id: "SyncEventData" });

const appData = z.object({ fault: faultOf.nullable() }).meta({ id: "AppEventData" });

const tokenRenewed = z
  .object({ version: z.int(), expiresAt: time.nullable() })
  .meta({ id: "TokenRenewedData" });

const tokenFailed = z.object({ version: z.int(), error: faultOf.nullable() }).meta({ id: "TokenFailedData" });

const month = z.string().meta({ description: "Such as `2026-12`, in China's time zone." });

const OTHER_DATA = {
  "sync.succeeded": syncData,
  "sync.held": syncData,
  "sync.failed": syncData,
  "app.degraded": appData,
  "app.broken": appData,
  "app.verified": appData,
  "token.renewed": tokenRenewed,
  "token.failed": tokenFailed,
  "quota.near": z
    .object({ month, share: z.number().meta({ description: "Share of the quota that has been used." }) })
    .meta({ id: "QuotaNearData" }),
  "quota.used_up": z.object({ month }).meta({ id: "QuotaUsedUpData" }),
} as const satisfies Partial<Record<EventType, z.ZodType>>;

const directorySchemas = DIRECTORY_EVENT_TYPES.map((type) => [type, directoryData] as const);

/** The body of each type's webhook. */
export const PAYLOADS: readonly (readonly [EventType, z.ZodType])[] = [
  ...directorySchemas,
  ...Object.entries(OTHER_DATA).map(([type, data]) => [type as EventType, data] as const),
].map(([type, data]) => [type, z.object({ ...envelope, type: z.literal(type), data })] as const);

export const eventAnswer = z
  .object({ ...envelope, type: eventType, data: z.record(z.string(), z.unknown()) })
  .meta({ id: "WebhookEvent" });

export const toEventAnswer = (message: WebhookMessage): z.input<typeof eventAnswer> => ({ ...message });
