import type { Queue } from "pg-boss";
import { z } from "zod";

/** pg-boss's schema. Row security doesn't cover it, so a job holds only ids and counters (S18). */
export const SCHEMA = "pgboss";

const HOUR_SECONDS = 60 * 60;
const DAY_SECONDS = 24 * HOUR_SECONDS;

/**
 * Defaults: five tries with growing pauses, then the dead-letter queue. A worker is dead 10 s after its last
 * heartbeat.
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

/** Interval of the search for jobs whose worker is gone. pg-boss's default of 60 s delays a takeover by two minutes. */
export const SUPERVISE_SECONDS = 3;

/** Jobs that are due at a time of their app, retried without end. Completed ones are many, so they are deleted soon. */
const DUE = { policy: "short", retryLimit: 1_000, deleteAfterSeconds: 5 * 60 } as const;

/** Long jobs that are retried without end, with pauses up to an hour, so that failing ones don't delay others. */
const ENDLESS = { retryLimit: 1_000, retryDelayMax: HOUR_SECONDS } as const;

const app = z.strictObject({ organizationId: z.uuid(), appId: z.uuid() });

type QueueDefinition = {
  readonly data: z.ZodObject;
  readonly options?: Omit<Queue, "name">;
};

/** All queues, each with the schema of its jobs. Sending refuses unknown keys. */
export const QUEUES = {
  housekeeping: { data: z.strictObject({}), options: { policy: "short", deleteAfterSeconds: HOUR_SECONDS } },
  sweep: { data: z.strictObject({}), options: { policy: "short", deleteAfterSeconds: HOUR_SECONDS } },
  "token.renew": { data: app, options: DUE },
  "app.probe": { data: app, options: DUE },
  "sync.due": { data: app, options: DUE },
  /** Reads again what an app's pending events are about. One job of an app runs, and one waits. */
  "event.process": { data: app, options: { ...DUE, policy: "stately" } },
  /** Reads the callbacks that DingTalk could not deliver to an app. */
  "event.recover": { data: app, options: { ...DUE, policy: "stately" } },
  /** Starts a sync of an app whose events may have been lost. */
  "event.reconcile": { data: app, options: { ...DUE, policy: "stately" } },
  /** Requests a sync for every app whose events may have been lost while no process could receive callbacks. */
  "event.outage": { data: z.strictObject({}), options: { ...DUE, policy: "short" } },
  "run.expire": { data: z.strictObject({ organizationId: z.uuid() }), options: DUE },
  "search.index": {
    data: app,
    options: { ...ENDLESS, policy: "short", deleteAfterSeconds: DAY_SECONDS },
  },
  /** Erases the directory of a deleted app. It may be too large for the command that deletes the app. */
  "app.erase": {
    data: app,
    options: { ...ENDLESS, policy: "short", deleteAfterSeconds: DAY_SECONDS },
  },
  /**
   * Delivers events to a webhook's endpoint. Jobs of one endpoint may be several, because a unit of work that sends one
   * must not wait for another one that does. The first that runs removes the waiting ones.
   */
  "webhook.deliver": {
    data: z.strictObject({ organizationId: z.uuid(), endpointId: z.uuid() }),
    options: { retryLimit: 1_000, policy: "standard", deleteAfterSeconds: 5 * 60 },
  },
  /** One sync of an app's directory. The time limit exceeds 200,000 departments at 20 calls per second. */
  sync: {
    data: z.strictObject({
      organizationId: z.uuid(),
      appId: z.uuid(),
      runId: z.uuid(),
      /** Part of a hash of the AppKey, so that syncs of one AppKey take turns. */
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

export type JobContext = {
  readonly id: string;
  /** 1 at first; rises with each failure and each lost worker. */
  readonly tries: number;
  /** Aborts if another worker took the job over or this process can't wait any longer. */
  readonly signal: AbortSignal;
};

export type JobHandler<Name extends QueueName> = (data: JobData<Name>, context: JobContext) => Promise<void>;
