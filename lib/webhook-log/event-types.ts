const OBJECTS = ["department", "member"] as const;
const CHANGES = ["added", "returned", "moved", "renamed", "changed", "removed", "restored"] as const;

type DirectoryEventType = `${(typeof OBJECTS)[number]}.${(typeof CHANGES)[number]}`;

/** Types of the events that are made from a change set, one for each of its changes. */
export const DIRECTORY_EVENT_TYPES = OBJECTS.flatMap((object) =>
  CHANGES.map((change): DirectoryEventType => `${object}.${change}`),
);

const APP_EVENT_TYPES = [
  "sync.succeeded",
  "sync.held",
  "sync.failed",
  "app.degraded",
  "app.broken",
  "app.verified",
  "token.renewed",
  "token.failed",
  "quota.near",
  "quota.used_up",
] as const;

export type AppEventType = (typeof APP_EVENT_TYPES)[number];

export type EventType = DirectoryEventType | AppEventType;

/** Type of the message with which a person tests an endpoint. */
export const TEST_EVENT_TYPE = "webhook.test";

/** Every type that an endpoint can choose. */
export const EVENT_TYPES: readonly EventType[] = [...DIRECTORY_EVENT_TYPES, ...APP_EVENT_TYPES];
