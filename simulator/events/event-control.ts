import { z } from "zod";
import type { App } from "../control-input";
import { ControlError } from "../organization/directory";
import { merge } from "../settings";
import { requireApp, type World } from "../world";
import type { ReplyCheck } from "./check-reply";
import type { DingtalkEvent } from "./event";
import { type EventOptions, eventOptionsPatch } from "./event-options";
import { checkAddress } from "./http-push";
import { pushEvents } from "./publish-events";
import type { Push, PushFilter } from "./push-queue";
import {
  type Subscription,
  streamSubscriptionInput,
  subscriptionInput,
  toSubscription,
} from "./subscriptions";
import { renewSuiteTicket, repeatSuiteTickets } from "./suite-events";

export type SubscriptionInput = z.input<typeof subscriptionInput>;
export type EventOptionsInput = z.input<typeof eventOptionsPatch>;

const eventInput = z.strictObject({
  eventType: z.string().min(1),
  data: z.record(z.string(), z.unknown()).default({}),
  /** Default: the app's own organization. */
  corpId: z.string().min(1).optional(),
  /** For this event only. */
  options: eventOptionsPatch.default({}),
});
export type EventInput = z.input<typeof eventInput>;

/** Control of subscriptions and events. */
export function eventControl(world: World) {
  const { events } = world;
  return {
    /**
     * Configures an app's HTTP push as in the developer console, in place of an earlier configuration. Checks the
     * address first, and saves nothing if the check fails.
     *
     * @returns the result of the check
     */
    async subscribeEvents(appKey: string, input: SubscriptionInput): Promise<ReplyCheck> {
      const app = requireApp(world, appKey);
      const parsed = subscriptionInput.parse(input);
      const subscription = toSubscription(app, parsed);
      const check: ReplyCheck = parsed.isChecked
        ? await checkAddress(world, subscription, app)
        : { ok: true };
      if (check.ok) events.subscriptions.set(appKey, subscription);
      return check;
    },
    /** Chooses stream mode for an app, as in the developer console, in place of HTTP push. */
    subscribeStream(appKey: string, input: z.input<typeof streamSubscriptionInput> = {}): void {
      requireApp(world, appKey);
      const { eventTypes } = streamSubscriptionInput.parse(input);
      events.subscriptions.set(appKey, { way: "stream", appKey, eventTypes });
    },
    findSubscription: (appKey: string): Subscription | null => events.subscriptions.get(appKey) ?? null,
    /** Removes an app's subscription. Events that wait for another attempt fail. */
    unsubscribeEvents(appKey: string): void {
      requireApp(world, appKey);
      events.subscriptions.delete(appKey);
    },
    readEventOptions: (appKey: string): EventOptions => events.optionsOf(appKey),
    /** Changes how an app's events are delivered from now on. */
    setEventOptions(appKey: string, patch: EventOptionsInput): EventOptions {
      requireApp(world, appKey);
      const options = merge(events.optionsOf(appKey), eventOptionsPatch.parse(patch));
      events.options.set(appKey, options);
      return options;
    },
    resetEventOptions: (appKey: string): void => void events.options.delete(appKey),
    /** Sends one event to an app, whatever types it subscribes to. */
    pushEvent(appKey: string, input: EventInput): Push {
      const app = requireApp(world, appKey);
      const { eventType, data, corpId = app.corpId, options } = eventInput.parse(input);
      const [push] = pushEvents(world, app, [{ eventType, data, corpId }], options);
      if (!push) throw new ControlError(`SyncHTTP has no ${eventType}`);
      return push;
    },
    /** Makes a new ticket for a third-party app, and pushes it if the app has a subscription. */
    pushSuiteTicket: (appKey: string, suiteTicket?: string): Push | null =>
      renewSuiteTicket(world, requireSuite(world, appKey), suiteTicket),
    /** Makes and pushes a new ticket at this interval while the app has a subscription; null ends this. */
    repeatSuiteTickets: (appKey: string, everyMs: number | null): void =>
      repeatSuiteTickets(world, requireSuite(world, appKey).appKey, everyMs),
    /**
     * Sends an app's buffered events.
     *
     * @returns their number
     */
    releaseEvents: (appKey: string): number => events.queue.release(appKey, events.optionsOf(appKey).order),
    /** Lists pushes with their attempts, oldest first. */
    listPushes: (filter: PushFilter = {}): readonly Push[] => events.queue.list(filter),
    /** Lists the events that the app would read from the failed callbacks now, without a removal. */
    listFailedEvents: (appKey: string): DingtalkEvent[] => events.failed.list(appKey, world.clock.now()),
    /** Resolves when no push is running. Those that wait for the clock do not count. */
    settleEvents: (): Promise<void> => events.queue.settle(),
  };
}

/** @throws {ControlError} when there is no such third-party app */
function requireSuite(world: World, appKey: string): App {
  const app = requireApp(world, appKey);
  if (app.kind !== "isv") throw new ControlError(`${appKey} is not a third-party app`);
  return app;
}
