import "server-only";
import { type Db, PgBoss } from "pg-boss";
import { makePool, pool, WORKER_CONNECTIONS_MAX } from "@/lib/db/connection-pools";
import { shapeDatabaseError } from "@/lib/db/errors";
import { listenTo } from "@/lib/db/notifications";
import { AppError } from "@/lib/errors";
import { log } from "@/lib/log";
import { isLogDue } from "@/lib/log-once";
import { processWide } from "@/lib/process-wide";
import { SCHEMA, SUPERVISE_SECONDS } from "./queues";

/** Interval of the deletion of completed jobs, which every fetch reads past. */
const MAINTENANCE_SECONDS = 5 * 60;

/** Disables everything that needs DDL rights: the owner installs the schema, see `installQueues`. */
const AS_APPLICATION = {
  schema: SCHEMA,
  migrate: false,
  createSchema: false,
  schedule: false,
  reindex: false,
  monitorVacuum: false,
  registerInstance: false,
} as const;

/** pg-boss appends the queue and worker to a message, so one outage has a message per queue. */
const QUEUE_SUFFIX = / \(Queue: .*$/s;

type QueueError = { readonly message: string; readonly code?: unknown };

/** Logs pg-boss's errors, each at most once a minute. An unreachable database is one warning without a stack. */
export function logErrors<B extends { on(event: "error", listener: (error: QueueError) => void): unknown }>(
  boss: B,
): B {
  boss.on("error", ({ message, code }) => {
    const reason = message.replace(QUEUE_SUFFIX, "");
    // pg-boss passes a copy that is not an `Error`.
    const error = Object.assign(new Error(reason), { name: "PgBoss", code });
    if (shapeDatabaseError(error) instanceof AppError) {
      if (isLogDue("jobs.database")) log.warn("job queue can't reach the database", { reason });
    } else if (isLogDue(`jobs ${reason}`)) log.warn("job queue error", { error });
  });
  return boss;
}

/** Returns the process's client for sending jobs. It needs no start and no connection of its own. */
export const sender = (): PgBoss =>
  processWide("jobs.sender", () => {
    const db: Db = { executeSql: (text, values) => pool().query(text, values) };
    return logErrors(new PgBoss({ ...AS_APPLICATION, db, supervise: false }));
  });

/** Returns a client that runs jobs, and a function that closes its connections after it was stopped. */
export function makeWorkerBoss(): { readonly boss: PgBoss; readonly close: () => Promise<void> } {
  const own = makePool(WORKER_CONNECTIONS_MAX);
  const db: Db = {
    executeSql: (text, values) => own.query(text, values),
    listen: async (channel, onPayload, onListening) => {
      const end = listenTo(channel, onPayload, onListening);
      return { close: async () => end() };
    },
  };
  const boss = new PgBoss({
    ...AS_APPLICATION,
    db,
    useListenNotify: true,
    superviseIntervalSeconds: SUPERVISE_SECONDS,
    monitorIntervalSeconds: SUPERVISE_SECONDS,
    maintenanceIntervalSeconds: MAINTENANCE_SECONDS,
  });
  return { boss: logErrors(boss), close: () => own.end() };
}
