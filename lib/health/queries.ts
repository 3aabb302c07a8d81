import "server-only";
import { brokenConnections, isDatabaseAlive } from "@/lib/db/clients";
import { isSchemaFit } from "@/lib/db/readiness";
import { isWorkerRunning } from "@/lib/jobs/queries";
import { processWide } from "@/lib/process-wide";
import { staleness } from "@/lib/tokens/lease/staleness";

/** How long an answer is believed: pages need not ask the database whether it is there each time. */
const BELIEVED_FOR_MS = 1_000;
const WORK_BELIEVED_FOR_MS = 5_000;

type Known = { askedAtMs: number; broken: number; answer: Promise<boolean> };
type Ask = { readonly ask: () => Promise<boolean>; readonly forMs: number; readonly nowMs: number };

/**
 * An answer that is shared by everyone who asks for it within a time, unless a connection broke meanwhile; what can't be
 * found out is a no.
 */
function believed(name: string, { ask, forMs, nowMs }: Ask): Promise<boolean> {
  const known = processWide<Known>(`health.${name}`, () => ({
    askedAtMs: -Infinity,
    broken: 0,
    answer: Promise.resolve(true),
  }));
  const { count: broken } = brokenConnections();
  if (nowMs - known.askedAtMs > forMs || known.broken !== broken)
    Object.assign(known, { askedAtMs: nowMs, broken, answer: ask().catch(() => false) });
  return known.answer;
}

/** Whether the database answers; asked once a second at most, and shared by everyone who asks meanwhile. */
export const isDatabaseThere = (nowMs = Date.now()): Promise<boolean> =>
  believed("database", { ask: isDatabaseAlive, forMs: BELIEVED_FOR_MS, nowMs });

type Check = "database" | "migrations" | "worker";

/** What this process needs to do its work, each by name with whether it is there now. */
export async function readChecks(nowMs = Date.now()): Promise<Readonly<Record<Check, boolean>>> {
  const [database, migrations, worker] = await Promise.all([
    isDatabaseThere(nowMs),
    believed("migrations", { ask: isSchemaFit, forMs: WORK_BELIEVED_FOR_MS, nowMs }),
    believed("worker", { ask: isWorkerRunning, forMs: WORK_BELIEVED_FOR_MS, nowMs }),
  ]);
  // What the database can't be asked is not believed from before.
  return { database, migrations: database && migrations, worker: database && worker };
}

export type Readiness = {
  readonly isReady: boolean;
  readonly checks: Readonly<Record<Check, boolean>>;
  /** Services are answered from memory, since the database can't be asked. */
  readonly isStale: boolean;
};

/** Whether this process can do its work. */
export async function readReadiness(): Promise<Readiness> {
  const checks = await readChecks();
  return { isReady: Object.values(checks).every(Boolean), checks, isStale: staleness().since !== null };
}
