import type { Queue } from "pg-boss";
import { z } from "zod";

/** pg-boss's own schema. It lies outside row security, so a job holds ids and counters only (S18). */
export const SCHEMA = "pgboss";

const HOUR_SECONDS = 60 * 60;
const DAY_SECONDS = 24 * HOUR_SECONDS;

/**
 * What every queue has: five tries with pauses growing from a second, then the queue's dead-letter list,
 * which is kept. A worker that is gone is noticed by its missing heartbeat, within the 10 s that pg-boss
 * allows at least.
 */
export const QUEUE_OPTIONS = {
  retryLimit: 4,
  retryDelay: 1,
  retryBackoff: true,
  retryDelayMax: 60,
  expireInSeconds: 60 * 60,
  heartbeatSeconds: 10,
  deleteAfterSeconds: 30 * DAY_SECONDS,
  notify: true,
} as const satisfies Omit<Queue, "name">;

/**
 * Work that is due at a time of its app's own. No job of it is given up, since the only failures that reach the queue
 * are Dingkeep's or the database's. Done jobs go after minutes: there are thousands of them an hour.
 */
const DUE = { policy: "short", retryLimit: 1_000, deleteAfterSeconds: 5 * 60 } as const;

/**
 * Work without which something stays undone for hours. No job of it is given up; one that fails again and again is tried
 * every hour, so that it doesn't take the turns of others.
 */
const ENDLESS = { retryLimit: 1_000, retryDelayMax: HOUR_SECONDS } as const;

const app = z.strictObject({ organizationId: z.uuid(), appId: z.uuid() });

type QueueDefinition = {
  readonly data: z.ZodObject;
  readonly options?: Omit<Queue, "name">;
};

/** Every queue, with what its jobs may hold. Unknown keys are refused when a job is sent. */
export const QUEUES = {
  /** Takes away what has run out: sessions, throttles, links. */
  housekeeping: { data: z.strictObject({}), options: { policy: "short", deleteAfterSeconds: HOUR_SECONDS } },
  /** Puts back the jobs that some of the organizations have lost. */
  sweep: { data: z.strictObject({}), options: { policy: "short", deleteAfterSeconds: HOUR_SECONDS } },
  /** Renews an app's token before it runs out. */
  "token.renew": { data: app, options: DUE },
  /** Sees whether an API of DingTalk's still refuses an app. */
  "app.probe": { data: app, options: DUE },
  /** Starts an app's scheduled sync. */
  "sync.due": { data: app, options: DUE },
  /** Ends the held runs of an organization about which nobody decided in time. */
  "run.expire": { data: z.strictObject({ organizationId: z.uuid() }), options: DUE },
  /** Writes down what an app's directory is found by, where that was never done or in an older form. */
  "search.index": {
    data: app,
    options: { ...ENDLESS, policy: "short", deleteAfterSeconds: DAY_SECONDS },
  },
  /** Erases the directory of an app that is deleted, which is more than whoever deletes it may wait for. */
  "app.erase": {
    data: app,
    options: { ...ENDLESS, policy: "short", deleteAfterSeconds: DAY_SECONDS },
  },
  /**
   * One sync of an app's directory. A worker that is gone is noticed by its missing heartbeat; the time limit
   * only has to be longer than the largest directory takes, 200,000 departments at 20 calls a second. A run
   * is given up after five lost workers; one that never began waits.
   */
  sync: {
    data: z.strictObject({
      organizationId: z.uuid(),
      appId: z.uuid(),
      runId: z.uuid(),
      /** Part of a hash of the AppKey, so that syncs for the same one take turns. */
      appKeyHash: z.int().optional(),
    }),
    options: {
      ...ENDLESS,
      policy: "standard",
      expireInSeconds: 12 * HOUR_SECONDS,
      deleteAfterSeconds: HOUR_SECONDS,
    },
  },
} as const satisfies Record<string, QueueDefinition>;

export type QueueName = keyof typeof QUEUES;

export type JobData<Name extends QueueName> = z.infer<(typeof QUEUES)[Name]["data"]>;
