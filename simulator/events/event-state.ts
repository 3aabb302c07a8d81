import type { Clock } from "../clock";
import { EVENT_OPTIONS_DEFAULT, type EventOptions } from "./event-options";
import { type FailedCallbacks, makeFailedCallbacks } from "./failed-callbacks";
import { makePushQueue, type PushQueue } from "./push-queue";
import type { HttpSubscription, Subscription } from "./subscriptions";

/** Subscriptions of the apps, and events on their way. */
export type EventState = {
  /** By AppKey or SuiteKey. */
  readonly subscriptions: Map<string, Subscription>;
  readonly options: Map<string, EventOptions>;
  readonly queue: PushQueue;
  readonly failed: FailedCallbacks;
  /** Cancel the next suite ticket of an app. */
  readonly ticketTimers: Map<string, () => void>;
  /** Returns the number of the next SyncHTTP row. */
  nextSyncId(): number;
  /** Aborts running pushes when the simulator closes. */
  readonly closing: AbortController;
  optionsOf(appKey: string): EventOptions;
  /** Returns an app's subscription by HTTP push, or null if it has none or uses stream mode. */
  findHttp(appKey: string): HttpSubscription | null;
  /** Removes everything, unfinished pushes included. */
  clear(): void;
};

export function makeEventState(clock: Clock): EventState {
  const subscriptions = new Map<string, Subscription>();
  const options = new Map<string, EventOptions>();
  const queue = makePushQueue(clock);
  const failed = makeFailedCallbacks();
  const ticketTimers = new Map<string, () => void>();
  let syncId = 0;
  return {
    subscriptions,
    options,
    queue,
    failed,
    ticketTimers,
    nextSyncId() {
      syncId += 1;
      return syncId;
    },
    closing: new AbortController(),
    optionsOf: (appKey) => options.get(appKey) ?? EVENT_OPTIONS_DEFAULT,
    findHttp(appKey) {
      const subscription = subscriptions.get(appKey);
      return subscription?.way === "http" ? subscription : null;
    },
    clear() {
      subscriptions.clear();
      options.clear();
      queue.clear();
      failed.clear();
      for (const cancel of ticketTimers.values()) cancel();
      ticketTimers.clear();
    },
  };
}
