import "server-only";
import { PrismaPg } from "@prisma/adapter-pg";
import pg from "pg";
import { env } from "@/lib/env";
import { log } from "@/lib/log";
import { isLogDue } from "@/lib/log-once";
import { processWide } from "@/lib/process-wide";
import { PrismaClient } from "@/prisma/generated/client";

const CONNECTIONS_MAX = 20;
/** A request that gets no connection in this time is told to come back (S30). */
const CONNECTION_WAIT_MS = 5_000;

/** Counts connections of this process that broke: whoever remembers that the database answers asks again. */
export const brokenConnections = () => processWide("db.broken", () => ({ count: 0 }));

/** Connections with the application's role. One that breaks, idle or in use, ends neither them nor the process. */
export function makePool(max: number, waitMs = CONNECTION_WAIT_MS): pg.Pool {
  const made = new pg.Pool({
    connectionString: env().DATABASE_URL,
    max,
    connectionTimeoutMillis: waitMs,
    application_name: "dingkeep",
    // What is queued at once goes out at once, instead of each after the answer to the one before.
    pipeline: true,
  });
  // Without a listener, the pool's for idle ones and the client's for those in use, a break ends the process.
  made.on("error", ({ message: reason }) => {
    brokenConnections().count += 1;
    if (isLogDue("db.idle")) log.warn("an idle database connection broke", { reason });
  });
  made.on("connect", (client) => client.on("error", () => {}));
  return made;
}

/** For what writes beside syncs: decisions about held runs, restores, prunes. */
const BULK_BESIDE_SYNCS = 2;
/** A bulk write can wait for another one: nobody waits for it with a page open. */
const BULK_WAIT_MS = 60_000;

/**
 * The connections of bulk writes, each of which may take minutes: they leave those of requests alone. One for each sync
 * that may run here, so that no sync waits for another's writing.
 */
export const bulkPool = (): pg.Pool =>
  processWide("db.bulk", () => makePool(env().SYNC_CONCURRENCY + BULK_BESIDE_SYNCS, BULK_WAIT_MS));

/** The process's connections for requests. Prisma and plain SQL share them. */
export const pool = (): pg.Pool => processWide("db.pool", () => makePool(CONNECTIONS_MAX));

/** Prisma on the same connections. Only `unit-of-work.ts` uses it: it is the one door to the tables. */
export const prisma = (): PrismaClient =>
  processWide("db.prisma", () => new PrismaClient({ adapter: new PrismaPg(pool()), log: [] }));

/** Ends what this process holds open. */
export async function closeDatabase(): Promise<void> {
  await prisma().$disconnect();
  await Promise.all([pool().end(), bulkPool().end()]);
}

const ALIVE_WITHIN_MS = 2_000;

/** Whether the database answers now. */
export async function isDatabaseAlive(): Promise<boolean> {
  const late = new Promise<false>((resolve) => setTimeout(resolve, ALIVE_WITHIN_MS, false).unref());
  const answer = pool()
    .query("SELECT 1")
    .then(
      () => true,
      () => false,
    );
  return Promise.race([answer, late]);
}
