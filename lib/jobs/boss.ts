import "server-only";
import { type Db, PgBoss } from "pg-boss";
import { makePool, pool } from "@/lib/db/clients";
import { listenTo } from "@/lib/db/notifications";
import { log } from "@/lib/log";
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

/** One line a minute for each complaint: with the database away every fetch of every worker has the same. */
const REPEAT_AFTER_MS = 60_000;

function logErrors(boss: PgBoss): PgBoss {
  const loggedAtMs = new Map<string, number>();
  boss.on("error", (error) => {
    const key = error.message.slice(0, 80);
    if (Date.now() - (loggedAtMs.get(key) ?? 0) < REPEAT_AFTER_MS) return;
    if (loggedAtMs.size > 100) loggedAtMs.clear();
    loggedAtMs.set(key, Date.now());
    log.warn("the job queue had an error", {
      error: Object.assign(new Error(error.message), { name: "PgBoss" }),
    });
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
