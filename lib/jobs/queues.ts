import type { Queue } from "pg-boss";
import { z } from "zod";

/** pg-boss's own schema. It lies outside row security, so a job holds ids and counters only (S18). */
export const SCHEMA = "pgboss";

const DAY_SECONDS = 24 * 60 * 60;

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

type QueueDefinition = {
  readonly data: z.ZodObject;
  readonly options?: Omit<Queue, "name">;
};

/** Every queue, with what its jobs may hold. Unknown keys are refused when a job is sent. */
export const QUEUES = {
  /** Takes away what has run out: sessions, throttles, links. */
  housekeeping: { data: z.strictObject({}), options: { policy: "short" } },
  /** Walks over the organizations and puts back the jobs that were lost. */
  sweep: { data: z.strictObject({}), options: { policy: "short", deleteAfterSeconds: DAY_SECONDS } },
  /** Renews an app's token before it runs out. */
  "token.renew": {
    data: z.strictObject({ organizationId: z.uuid(), appId: z.uuid() }),
    options: { policy: "short", deleteAfterSeconds: DAY_SECONDS },
  },
  /** Sees whether an API of DingTalk's still refuses an app. */
  "app.probe": {
    data: z.strictObject({ organizationId: z.uuid(), appId: z.uuid() }),
    options: { policy: "short", deleteAfterSeconds: DAY_SECONDS },
  },
  /** Writes down what an app's directory is found by, where that was never done or in an older form. */
  "search.index": {
    data: z.strictObject({ organizationId: z.uuid(), appId: z.uuid() }),
    options: { policy: "short", deleteAfterSeconds: DAY_SECONDS },
  },
  /** Erases the directory of an app that is deleted, which is more than whoever deletes it may wait for. */
  "app.erase": {
    data: z.strictObject({ organizationId: z.uuid(), appId: z.uuid() }),
    options: { policy: "short", deleteAfterSeconds: DAY_SECONDS },
  },
  /**
   * One sync of an app's directory. A worker that is gone is noticed by its missing heartbeat; the time limit
   * only has to be longer than the largest directory takes, 200,000 departments at 20 calls a second.
   */
  sync: {
    data: z.strictObject({ organizationId: z.uuid(), appId: z.uuid(), runId: z.uuid() }),
    options: { policy: "standard", expireInSeconds: 12 * 60 * 60 },
  },
} as const satisfies Record<string, QueueDefinition>;

export type QueueName = keyof typeof QUEUES;

export type JobData<Name extends QueueName> = z.infer<(typeof QUEUES)[Name]["data"]>;
