import "server-only";
import { brokenConnections, pool } from "@/lib/db/connection-pools";
import { isSchemaCompatible } from "@/lib/db/schema-compatibility";
import { isWorkerRunning } from "@/lib/jobs/worker-liveness";
import { processWide } from "@/lib/process-wide";
import { staleness } from "@/lib/tokens/lease/serve-stale-token";

/** Cache times, so that not every page checks the database. */
const DATABASE_CACHED_MS = 1_000;
const CHECKS_CACHED_MS = 5_000;

/** A database that takes longer to answer counts as down. */
const ALIVE_WITHIN_MS = 2_000;

async function isDatabaseAlive(): Promise<boolean> {
  const late = new Promise<false>((resolve) => setTimeout(resolve, ALIVE_WITHIN_MS, false).unref());
  const answer = pool()
    .query("SELECT 1")
    .then(
      () => true,
      () => false,
    );
  return Promise.race([answer, late]);
}

type CachedResult = { askedAtMs: number; broken: number; answer: Promise<boolean> };
type CheckOptions = { readonly run: () => Promise<boolean>; readonly forMs: number; readonly nowMs: number };

/** Returns a cached result unless it is too old or a connection has broken since. A check that throws gives false. */
function cachedCheck(name: string, { run, forMs, nowMs }: CheckOptions): Promise<boolean> {
  const cached = processWide<CachedResult>(`health.${name}`, () => ({
    askedAtMs: -Infinity,
    broken: 0,
    answer: Promise.resolve(true),
  }));
  const { count: broken } = brokenConnections();
  if (nowMs - cached.askedAtMs > forMs || cached.broken !== broken)
    Object.assign(cached, { askedAtMs: nowMs, broken, answer: run().catch(() => false) });
  return cached.answer;
}

export const isDatabaseAvailable = (nowMs = Date.now()): Promise<boolean> =>
  cachedCheck("database", { run: isDatabaseAlive, forMs: DATABASE_CACHED_MS, nowMs });

type Check = "database" | "migrations" | "worker";

export async function readChecks(nowMs = Date.now()): Promise<Readonly<Record<Check, boolean>>> {
  const [database, migrations, worker] = await Promise.all([
    isDatabaseAvailable(nowMs),
    cachedCheck("migrations", { run: isSchemaCompatible, forMs: CHECKS_CACHED_MS, nowMs }),
    cachedCheck("worker", { run: isWorkerRunning, forMs: CHECKS_CACHED_MS, nowMs }),
  ]);
  // Cached results of the other checks don't count while the database is unavailable.
  return { database, migrations: database && migrations, worker: database && worker };
}

export type Readiness = {
  readonly isReady: boolean;
  readonly checks: Readonly<Record<Check, boolean>>;
  /** Services are answered from memory because the database is unavailable. */
  readonly isStale: boolean;
};

export async function readReadiness(): Promise<Readiness> {
  const checks = await readChecks();
  return { isReady: Object.values(checks).every(Boolean), checks, isStale: staleness().since !== null };
}
