import { z } from "zod";
import type { App } from "../control-input";
import { ControlError } from "../organization/directory";
import { PAYLOAD_SHAPES, type PayloadShape } from "./event";

/** Owner keys at the end of an encrypted message. For third-party apps, the AppKey is the SuiteKey. */
const OWNER_KEYS = ["app_key", "corp_id", "suite_key"] as const;
type OwnerKey = (typeof OWNER_KEYS)[number];

const MODES = ["events", "sync_http"] as const;

/** An app's subscription to events by HTTP push. */
export type HttpSubscription = {
  readonly way: "http";
  readonly appKey: string;
  /** Configured in the developer console, or registered with `register_call_back`. */
  readonly source: "console" | "api";
  readonly url: string;
  readonly token: string;
  readonly aesKey: string;
  readonly ownerKey: OwnerKey;
  readonly shape: PayloadShape;
  /** `sync_http` pushes batches with the state of the changed objects, to third-party apps only. */
  readonly mode: (typeof MODES)[number];
  /** Null for all types. */
  readonly eventTypes: readonly string[] | null;
};

/** An app's subscription to events in stream mode. */
export type StreamSubscription = {
  readonly way: "stream";
  readonly appKey: string;
  /** Null for all types. */
  readonly eventTypes: readonly string[] | null;
};

/** An app has one way to get events. */
export type Subscription = HttpSubscription | StreamSubscription;

export const streamSubscriptionInput = z.strictObject({
  eventTypes: z.array(z.string()).nullable().default(null),
});

export const subscriptionInput = z.strictObject({
  url: z.url({ protocol: /^https?$/ }),
  /** As the developer console requires it. */
  token: z.string().regex(/^[A-Za-z0-9]{3,32}$/),
  aesKey: z.string().regex(/^[A-Za-z0-9]{43}$/),
  /** Default: `app_key` for internal apps, `suite_key` for third-party apps. */
  ownerKey: z.enum(OWNER_KEYS).optional(),
  shape: z.enum(PAYLOAD_SHAPES).default("current"),
  mode: z.enum(MODES).default("events"),
  eventTypes: z.array(z.string()).nullable().default(null),
  /** False saves the subscription without a check of its address. */
  isChecked: z.boolean().default(true),
});

/**
 * Makes the subscription that an input describes.
 *
 * @throws {ControlError} when an internal app would use SyncHTTP
 */
export function toSubscription(app: App, input: z.output<typeof subscriptionInput>): HttpSubscription {
  if (input.mode === "sync_http" && app.kind !== "isv") {
    throw new ControlError("SyncHTTP is for third-party apps");
  }
  const { isChecked: _, ownerKey, ...rest } = input;
  const standard = app.kind === "isv" ? "suite_key" : "app_key";
  return { ...rest, way: "http", appKey: app.appKey, source: "console", ownerKey: ownerKey ?? standard };
}

/** Returns the owner key of a message about an organization. */
export const ownerKeyOf = ({ ownerKey, appKey }: HttpSubscription, corpId: string): string =>
  ownerKey === "corp_id" ? corpId : appKey;

export const isSubscribed = ({ eventTypes }: Pick<Subscription, "eventTypes">, eventType: string) =>
  eventTypes === null || eventTypes.includes(eventType);
