import "server-only";
import { PrismaPg } from "@prisma/adapter-pg";
import pg from "pg";
import { env } from "@/lib/env";
import { log } from "@/lib/log";
import { processWide } from "@/lib/process-wide";
import { PrismaClient } from "@/prisma/generated/client";

const CONNECTIONS_MAX = 20;
/** A request that gets no connection in this time is told to come back (S30). */
const CONNECTION_WAIT_MS = 5_000;

/** The process's connections, with the application's role. Prisma and plain SQL share them. */
export const pool = (): pg.Pool =>
  processWide("db.pool", () => {
    const made = new pg.Pool({
      connectionString: env().DATABASE_URL,
      max: CONNECTIONS_MAX,
      connectionTimeoutMillis: CONNECTION_WAIT_MS,
      application_name: "dingkeep",
    });
    // Without a listener an idle connection that breaks ends the process.
    made.on("error", (error) => log.warn("an idle database connection broke", { error }));
    return made;
  });

/** Prisma on the same connections. Only `unit-of-work.ts` uses it: it is the one door to the tables. */
export const prisma = (): PrismaClient =>
  processWide("db.prisma", () => new PrismaClient({ adapter: new PrismaPg(pool()), log: [] }));

/** Ends what this process holds open. */
export async function closeDatabase(): Promise<void> {
  await prisma().$disconnect();
  await pool().end();
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
