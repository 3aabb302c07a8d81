import "server-only";
import { PrismaPg } from "@prisma/adapter-pg";
import pg from "pg";
import { env } from "@/lib/env";
import { log } from "@/lib/log";
import { isLogDue } from "@/lib/log-once";
import { processWide } from "@/lib/process-wide";
import { PrismaClient } from "@/prisma/generated/client";
import { CONNECTION_WAIT_MS } from "./time-limits";

const CONNECTIONS_MAX = 20;

/** Counts this process's broken connections. A change invalidates a remembered health check. */
export const brokenConnections = () => processWide("db.broken", () => ({ count: 0 }));

export function makePool(max: number, waitMs = CONNECTION_WAIT_MS): pg.Pool {
  const newPool = new pg.Pool({
    connectionString: env().DATABASE_URL,
    max,
    connectionTimeoutMillis: waitMs,
    application_name: "dingkeep",
    // Sends queued statements without waiting for the answers to earlier ones.
    pipeline: true,
  });
  // Without these listeners a broken connection ends the process: the pool's covers idle ones, the client's the rest.
  newPool.on("error", ({ message: reason }) => {
    brokenConnections().count += 1;
    if (isLogDue("db.idle")) log.warn("an idle database connection broke", { reason });
  });
  newPool.on("connect", (client) => client.on("error", () => {}));
  return newPool;
}

/** For bulk writes other than syncs: decisions about held runs, restores, pruning. */
const BULK_BESIDE_SYNCS = 2;
/** Bulk writes may wait longer for a connection, because no page waits for them. */
const BULK_WAIT_MS = 60_000;

/** Returns the pool of bulk writes, which take minutes. Each sync that may run in this process has a connection. */
export const bulkPool = (): pg.Pool =>
  processWide("db.bulk", () => makePool(env().SYNC_CONCURRENCY + BULK_BESIDE_SYNCS, BULK_WAIT_MS));

export const pool = (): pg.Pool => processWide("db.pool", () => makePool(CONNECTIONS_MAX));

/** Returns Prisma on the pool of requests. Only `unit-of-work.ts` may use it. */
export const prisma = (): PrismaClient =>
  processWide("db.prisma", () => new PrismaClient({ adapter: new PrismaPg(pool()), log: [] }));

export async function closeDatabase(): Promise<void> {
  await prisma().$disconnect();
  await Promise.all([pool().end(), bulkPool().end()]);
}

/** The worker's pool for heartbeats, fetches and supervision, so that a busy web server doesn't delay them. */
export const WORKER_CONNECTIONS_MAX = 5;
