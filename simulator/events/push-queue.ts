import type { Clock } from "../clock";
import { mulberry32 } from "../random";
import type { DingtalkEvent } from "./event";
import type { EventOptions } from "./event-options";

/** Result of one attempt to deliver an event. */
export type AttemptResult = {
  readonly ok: boolean;
  readonly reason: string;
  readonly detail?: string;
  /** Set in stream mode. */
  readonly connectionId?: string;
};

export type Attempt = AttemptResult & {
  /** 0 for the attempt itself, and higher numbers for its duplicates. */
  readonly copy: number;
  /** Milliseconds since the epoch by the simulator's clock. */
  readonly at: number;
  /** Real time until the result. */
  readonly durationMs: number;
};

/** Delivery of one event to one app. */
export type Push = {
  readonly id: number;
  readonly appKey: string;
  readonly event: DingtalkEvent;
  /** "failed" after the last attempt, or if the event was dropped. */
  state: "buffered" | "pending" | "delivered" | "failed";
  readonly attempts: Attempt[];
};

/** Steps of a way of delivery. */
export type Delivery = {
  /** Makes one attempt. Copies of it give one result each, and the first one counts. */
  send(push: Push): Promise<readonly AttemptResult[]>;
  /** Returns the delays before the second and later attempts. */
  retryAfterMs(event: DingtalkEvent): readonly number[];
  /** Handles an event that was not delivered. */
  giveUp(push: Push): void;
};

type Job = { readonly push: Push; readonly delivery: Delivery; readonly options: EventOptions };

/** Jobs of one app. */
type Lane = { readonly waiting: Job[]; readonly buffered: Job[]; running: number };

export type PushFilter = {
  readonly appKey?: string;
  readonly eventType?: string;
  readonly state?: Push["state"];
};

export type PushQueue = ReturnType<typeof makePushQueue>;

/** Enough for a burst of 50,000 events and its successors. */
const PUSHES_KEPT = 200_000;

/** Makes a queue that delivers events to apps, and repeats failed attempts on the simulator's clock. */
export function makePushQueue(clock: Clock) {
  const lanes = new Map<string, Lane>();
  const active = new Set<Promise<void>>();
  let pushes: Push[] = [];
  let nextId = 1;
  /** Increases when everything is cleared, so that jobs from before do nothing more. */
  let generation = 0;

  function laneOf(appKey: string): Lane {
    const lane = lanes.get(appKey) ?? { waiting: [], buffered: [], running: 0 };
    lanes.set(appKey, lane);
    return lane;
  }

  function later(ms: number, task: () => void): void {
    const of = generation;
    if (ms === 0) task();
    else clock.after(ms, () => generation === of && task());
  }

  function enqueue(job: Job): void {
    const lane = laneOf(job.push.appKey);
    lane.waiting.push(job);
    fill(lane, job.options.concurrency);
  }

  /** Starts jobs while there are free places. */
  function fill(lane: Lane, concurrency: number): void {
    while (lane.running < concurrency) {
      const job = lane.waiting.shift();
      if (!job) return;
      lane.running += 1;
      const attempt = run(job).finally(() => {
        active.delete(attempt);
        lane.running -= 1;
        fill(lane, concurrency);
      });
      active.add(attempt);
    }
  }

  async function run({ push, delivery, options }: Job): Promise<void> {
    const [of, at, startedAt] = [generation, clock.now(), performance.now()];
    const results = await delivery.send(push);
    const durationMs = performance.now() - startedAt;
    push.attempts.push(...results.map((result, copy) => ({ ...result, copy, at, durationMs })));
    if (generation !== of) return;
    if (results[0]?.ok) {
      push.state = "delivered";
      return;
    }
    const made = push.attempts.filter(({ copy }) => copy === 0).length;
    const retryAfterMs = delivery.retryAfterMs(push.event)[made - 1];
    if (retryAfterMs !== undefined) {
      later(retryAfterMs, () => enqueue({ push, delivery, options }));
      return;
    }
    push.state = "failed";
    delivery.giveUp(push);
  }

  return {
    /** Adds an event. `options` decides when its first attempt starts. */
    add(appKey: string, event: DingtalkEvent, { delivery, options }: Omit<Job, "push">): Push {
      const push: Push = { id: nextId, appKey, event, state: "pending", attempts: [] };
      nextId += 1;
      if (pushes.length >= PUSHES_KEPT) pushes = pushes.slice(PUSHES_KEPT / 2);
      pushes.push(push);
      const job = { push, delivery, options };
      if (options.delivery === "dropped") {
        push.state = "failed";
        delivery.giveUp(push);
      } else if (options.delivery === "buffered") {
        push.state = "buffered";
        laneOf(appKey).buffered.push(job);
      } else later(options.delayMs, () => enqueue(job));
      return push;
    },
    /** Starts the attempts of buffered events. */
    release(appKey: string, order: EventOptions["order"]): number {
      const jobs = inOrder(laneOf(appKey).buffered.splice(0), order);
      for (const job of jobs) {
        job.push.state = "pending";
        later(job.options.delayMs, () => enqueue(job));
      }
      return jobs.length;
    },
    list({ appKey, eventType, state }: PushFilter = {}): readonly Push[] {
      return pushes.filter(
        (push) =>
          (appKey === undefined || push.appKey === appKey) &&
          (eventType === undefined || push.event.eventType === eventType) &&
          (state === undefined || push.state === state),
      );
    },
    /** Resolves when no attempt is running. Delays and repetitions that wait for the clock do not count. */
    async settle(): Promise<void> {
      while (active.size > 0) await Promise.all(active);
    },
    /** Forgets all pushes, the unfinished ones included. */
    clear(): void {
      generation += 1;
      pushes = [];
      for (const lane of lanes.values()) {
        lane.waiting.length = 0;
        lane.buffered.length = 0;
      }
    },
  };
}

/** Returns a list in another order. Equal lists are shuffled equally, so that tests can be repeated. */
export function inOrder<T>(list: readonly T[], order: EventOptions["order"]): T[] {
  if (order === "kept") return [...list];
  if (order === "reversed") return list.toReversed();
  const random = mulberry32(list.length);
  const ranks = new Map(list.map((item) => [item, random()]));
  return list.toSorted((a, b) => (ranks.get(a) ?? 0) - (ranks.get(b) ?? 0));
}
