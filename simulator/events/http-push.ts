import { randomBytes } from "node:crypto";
import type { App } from "../control-input";
import { merge } from "../settings";
import type { World } from "../world";
import { type ReplyCheck } from "./check-reply";
import { toPayload } from "./event";
import type { EventOptions, EventOptionsPatch } from "./event-options";
import type { AttemptResult, Delivery, Push } from "./push-queue";
import { makeCallbackRequest, sendCallback } from "./send-callback";
import { type HttpSubscription, ownerKeyOf } from "./subscriptions";
import { toSyncPayload } from "./sync-http";

/** @see docs/dingtalk/callbacks.md#deadlines */
const CHECK_DEADLINE_MS = { events: 1_500, sync_http: 1_200 };
const PUSH_DEADLINE_MS = 2_500;

/** @see docs/dingtalk/callbacks.md#redelivery-and-loss */
const RETRY_AFTER_MS = [10_000, 30_000];
const TICKET_ATTEMPTS_MAX = 100;
const TICKET_RETRY_AFTER_MS = Array.from({ length: TICKET_ATTEMPTS_MAX - 1 }, (_, index) =>
  index === 0 ? 10_000 : 30_000,
);

const REPLY_TEXT = "success";

type Message = {
  readonly content: Readonly<Record<string, unknown>>;
  readonly corpId: string;
  readonly texts: readonly string[];
  readonly deadlineMs: number;
  readonly options: EventOptions;
};

/** Sends a message with all its copies. */
function send(world: World, subscription: HttpSubscription, message: Message): Promise<ReplyCheck[]> {
  const { content, corpId, texts, deadlineMs, options } = message;
  const { url, token, aesKey } = subscription;
  const ownerKey = ownerKeyOf(subscription, corpId);
  const { clock } = world;
  const request = makeCallbackRequest({
    url,
    token,
    aesKey,
    ownerKey,
    message: JSON.stringify(content),
    timestamp: clock.now() + options.timestampOffsetMs,
    corruption: options.corruption,
    signatureParameters: options.signatureParameters,
  });
  const rules = { token, aesKey, ownerKey, texts };
  const { signal } = world.events.closing;
  const copies = Array.from({ length: 1 + options.duplicates }, () =>
    sendCallback(request, { clock, deadlineMs, signal, rules }),
  );
  return Promise.all(copies);
}

/**
 * Checks the address of a subscription with `check_url`, or for third-party apps with `check_create_suite_url` and
 * `check_update_suite_url`.
 *
 * @see docs/dingtalk/callbacks.md#address-checks
 */
export async function checkAddress(
  world: World,
  subscription: HttpSubscription,
  app: App,
): Promise<ReplyCheck> {
  const random = randomBytes(6).toString("base64url");
  const isFirst = world.events.findHttp(app.appKey) === null;
  const suiteCheck = isFirst ? "check_create_suite_url" : "check_update_suite_url";
  const isSuite = app.kind === "isv" && subscription.source === "console";
  const options = { ...world.events.optionsOf(app.appKey), duplicates: 0 };
  const [check] = await send(world, subscription, {
    content: isSuite
      ? { EventType: suiteCheck, Random: random, TestSuiteKey: app.appKey }
      : { EventType: "check_url" },
    corpId: app.corpId,
    texts: isSuite ? suiteTexts(world, random) : [REPLY_TEXT],
    deadlineMs: CHECK_DEADLINE_MS[subscription.mode],
    options,
  });
  return check ?? { ok: true };
}

/** The sources disagree on the reply to the check of a third-party app, so a setting decides. */
function suiteTexts({ settings }: World, random: string): string[] {
  const texts = { success: [REPLY_TEXT], random: [random], either: [REPLY_TEXT, random] };
  return texts[settings.suiteUrlReply];
}

/** Returns the delivery of events by HTTP push, with the app's subscription at the time of each attempt. */
export function httpDelivery(world: World, appKey: string, overrides: EventOptionsPatch = {}): Delivery {
  const optionsNow = () => merge(world.events.optionsOf(appKey), overrides);
  return {
    async send({ event }: Push): Promise<AttemptResult[]> {
      const subscription = world.events.findHttp(appKey);
      if (!subscription) return [{ ok: false, reason: "not_subscribed" }];
      const checks = await send(world, subscription, {
        content: event.syncRows ? toSyncPayload(event.syncRows) : toPayload(event, subscription.shape),
        corpId: event.corpId,
        texts: [REPLY_TEXT],
        deadlineMs: PUSH_DEADLINE_MS,
        options: optionsNow(),
      });
      return checks.map(toResult);
    },
    retryAfterMs: ({ eventType, syncRows }) => {
      if (eventType === "suite_ticket") return TICKET_RETRY_AFTER_MS;
      return syncRows ? [] : RETRY_AFTER_MS;
    },
    giveUp({ event, attempts }) {
      // SyncHTTP has no list of failed callbacks, so its events are lost.
      if (event.syncRows) return;
      // An event that was dropped on purpose is shown at once, so that tests need not advance the clock.
      const waitMs = attempts.length === 0 ? 0 : optionsNow().failedAfterMs;
      world.events.failed.park(appKey, { event, shownAt: world.clock.now() + waitMs });
    },
  };
}

const toResult = (check: ReplyCheck): AttemptResult => (check.ok ? { ok: true, reason: "success" } : check);
