import "server-only";
import { type Db, PgBoss } from "pg-boss";
import { makePool, pool } from "@/lib/db/clients";
import { shapeDatabaseError } from "@/lib/db/errors";
import { listenTo } from "@/lib/db/notifications";
import { AppError } from "@/lib/errors";
import { log } from "@/lib/log";
import { isLogDue } from "@/lib/log-once";
import { processWide } from "@/lib/process-wide";
import { SCHEMA } from "./queues";

/** Heartbeats, fetches and the supervisor; a busy web server must not starve them, so they have their own. */
const WORKER_CONNECTIONS_MAX = 5;

/**
 * How often a worker looks for jobs whose worker is gone. With several workers a look may be two intervals
 * away, so a job is taken over within 10 s (heartbeat) + 6 s + 2 s (pause) + 1 s (fetch): pg-boss's own
 * 60 s would make it over two minutes.
 */
const SUPERVISE_SECONDS = 3;

/**
 * How often done jobs are taken away. Every look at the queue reads past them, and at 10,000 organizations several are
 * done each second.
 */
const MAINTENANCE_SECONDS = 5 * 60;

/** The owner has made the schema: the application's role may not. */
const AS_APPLICATION = {
  schema: SCHEMA,
  migrate: false,
  createSchema: false,
  schedule: false,
  // Both are work of an owner.
  reindex: false,
  monitorVacuum: false,
  registerInstance: false,
} as const;

/** pg-boss adds the queue and the worker to a message: each of them complains about the same outage. */
const COMPLAINER = / \(Queue: .*$/s;

type QueueError = { readonly message: string; readonly code?: unknown };

/** Logs what pg-boss complains about, once a minute each. An unreachable database is one complaint, without a stack. */
export function logErrors<B extends { on(event: "error", listener: (error: QueueError) => void): unknown }>(
  boss: B,
): B {
  boss.on("error", ({ message, code }) => {
    const reason = message.replace(COMPLAINER, "");
    // pg-boss hands on a copy, which is no `Error` any more.
    const error = Object.assign(new Error(reason), { name: "PgBoss", code });
    if (shapeDatabaseError(error) instanceof AppError) {
      if (isLogDue("jobs.database")) log.warn("the job queue can't reach the database", { reason });
    } else if (isLogDue(`jobs ${reason}`)) log.warn("the job queue had an error", { error });
  });
  return boss;
}

/** What sends jobs, and does nothing else: it needs no start, and has no connection of its own. */
export const sender = (): PgBoss =>
  processWide("jobs.sender", () => {
    const db: Db = { executeSql: (text, values) => pool().query(text, values) };
    return logErrors(new PgBoss({ ...AS_APPLICATION, db, supervise: false }));
  });

/** A queue that works off jobs, and what ends its connections after it was stopped. */
export function makeWorkingBoss(): { readonly boss: PgBoss; readonly close: () => Promise<void> } {
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
