import type { DingtalkEvent } from "./event";

/** An event that was not delivered. */
type FailedCallback = {
  readonly event: DingtalkEvent;
  /** Time from which the list shows the event, in milliseconds since the epoch by the simulator's clock. */
  readonly shownAt: number;
};

export type FailedCallbacks = ReturnType<typeof makeFailedCallbacks>;

/**
 * Makes the store of events that an app can fetch after their delivery failed.
 *
 * @see docs/dingtalk/callbacks.md#failed-callbacks
 */
export function makeFailedCallbacks() {
  const byApp = new Map<string, FailedCallback[]>();
  return {
    park(appKey: string, callback: FailedCallback): void {
      const list = byApp.get(appKey) ?? [];
      list.push(callback);
      byApp.set(appKey, list);
    },
    /** Lists the events that are shown at a time, oldest first. */
    list: (appKey: string, now: number): DingtalkEvent[] =>
      (byApp.get(appKey) ?? []).filter(({ shownAt }) => shownAt <= now).map(({ event }) => event),
    remove(appKey: string, events: readonly DingtalkEvent[]): void {
      const removed = new Set(events);
      byApp.set(
        appKey,
        (byApp.get(appKey) ?? []).filter(({ event }) => !removed.has(event)),
      );
    },
    clear: () => byApp.clear(),
  };
}
