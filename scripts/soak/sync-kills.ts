import { type ChildProcess, spawn } from "node:child_process";
import { setTimeout as delay } from "node:timers/promises";
import type { AppRef, RunRef } from "@/lib/app-ref";
import { grant } from "@/lib/auth/actor";
import { startSync } from "@/lib/directory/runs/start-run";
import { bundle } from "@/lib/testing/bundle";
import { makeApp } from "@/lib/testing/factories";
import { TEST_APP_KEY, TEST_APP_SECRET } from "@/lib/testing/sync-tools";
import type { MeasuredDatabase } from "../bench/measuring/measured-database";
import type { Measured } from "../bench/measuring/run-parts";
import { seeded } from "../bench/measuring/sample-data";
import { until } from "../bench/measuring/timing";
import { control, startSimulatorProcess } from "../simulator-process";
import { listRuns, simulatedTree, storedTree } from "./directory-state";

const KILLS = Number(process.env.SOAK_SYNC_KILLS ?? 100);
const DEPARTMENTS = 300;
const CHANGES = 60;
const LATENCY_MS = 5;
const SYNC_MS_MAX = 120_000;
const CORP = "corp-of-soak-sync-kills";
const PAIR = { appKey: TEST_APP_KEY, appSecret: TEST_APP_SECRET };
/**
 * Share of a run's duration before the kill. Every other kill comes shortly after reading, because later some runs have
 * finished.
 */
const PART_MAX = { any: 1, afterReading: 0.25 };

/**
 * Everything that a run leaves of a directory, except times and the order of sets, which follows DingTalk's answers.
 */
const TABLES = [
  "department",
  "department_count",
  "department_past",
  "member",
  "member_past",
  "member_place",
  "place_past",
  "search_name",
  "search_term",
];
const NOT_COMPARED = `{organization_id,app_id,set_id,number,first_seen_at,changed_at,details_at,removed_at}`;
const ROWS = (from: string) => `
  SELECT count(*)::int AS rows, md5(coalesce(string_agg(row, E'\\n' ORDER BY row), '')) AS sum FROM (
    SELECT ((to_jsonb(t) - '${NOT_COMPARED}'::text[]) || jsonb_build_object('gone', to_jsonb(t) -> 'removed_at' <> 'null'))::text AS row
    FROM (${from}) t) each`;
/** Applied changes, in the order of revisions. */
const CHANGES_APPLIED = `
  SELECT s.revision, c.* FROM change_set s JOIN directory_change c ON c.organization_id = s.organization_id
    AND c.set_id = s.id WHERE s.app_id = $1 AND s.revision IS NOT NULL`;

async function contentOf({ admin }: MeasuredDatabase, { appId }: AppRef): Promise<string> {
  const queries = [...TABLES.map((table) => `SELECT * FROM ${table} WHERE app_id = $1`), CHANGES_APPLIED];
  const sums: string[] = [];
  for (const [at, from] of queries.entries()) {
    const { rows } = await admin.query<{ rows: number; sum: string }>(ROWS(from), [appId]);
    sums.push(`${TABLES[at] ?? "changes"} ${rows[0]?.rows} ${rows[0]?.sum}`);
  }
  return sums.join("\n");
}

type Soak = {
  readonly database: MeasuredDatabase;
  readonly url: string;
  readonly program: string;
  /** The app whose runs are killed, and another app of the organization whose runs are not. */
  readonly app: AppRef;
  readonly twin: AppRef;
  readonly random: () => number;
};

async function queueSync({ organizationId, appId }: AppRef): Promise<RunRef> {
  const actor = grant({ organizationId, role: "owner", userId: null }, "directory.sync");
  const started = await startSync(actor, appId);
  if (!started.ok) throw new Error("a sync was not started");
  return { organizationId, appId, runId: started.value.runId };
}

type Child = { readonly child: ChildProcess; readonly ended: Promise<number | null> };

/** Starts a worker process for one job. */
function startChild({ program, url }: Soak, job: RunRef): Child {
  const child = spawn(process.execPath, [program, JSON.stringify({ job, url })], {
    stdio: ["ignore", "ignore", "inherit"],
  });
  return { child, ended: new Promise((resolve) => child.once("exit", resolve)) };
}

type State = { readonly state: string; readonly stage: string | null };

async function stateOf({ database }: Soak, { runId }: RunRef): Promise<State> {
  const { rows } = await database.admin.query<State>(
    "SELECT state::text, stage::text FROM sync_run WHERE id = $1",
    [runId],
  );
  return rows[0] ?? { state: "gone", stage: null };
}

/**
 * Runs a whole sync in a separate process.
 *
 * @returns the duration of the run in milliseconds
 */
async function syncWhole(soak: Soak, app: AppRef): Promise<number> {
  const job = await queueSync(app);
  if ((await startChild(soak, job).ended) !== 0) throw new Error("an undisturbed sync failed");
  const run = (await listRuns(soak.database, app)).find(({ id }) => id === job.runId);
  if (run?.state !== "succeeded") throw new Error(`an undisturbed sync ended ${run?.state}`);
  return (run.finishedAt?.getTime() ?? 0) - (run.startedAt?.getTime() ?? 0);
}

type Kill = { readonly when: string; readonly failures: readonly string[] };

/** Changes the directory, kills a run at a random moment, and lets another process repeat the job. */
async function killOnce(soak: Soak, number: number): Promise<Kill> {
  const { database, url, app, twin, random } = soak;
  await control(url, `POST organizations/${CORP}/churn`, { count: CHANGES, seed: number });
  const wholeMs = await syncWhole(soak, twin);
  const before = await contentOf(database, app);
  const job = await queueSync(app);
  const victim = startChild(soak, job);
  const isAfterReading = number % 2 === 0;
  await until(
    "a run that is so far",
    async () => {
      const { state, stage } = await stateOf(soak, job);
      return state !== "queued" && !(isAfterReading && stage === "read");
    },
    SYNC_MS_MAX,
  );
  await delay(random() * wholeMs * (isAfterReading ? PART_MAX.afterReading : PART_MAX.any));
  victim.child.kill("SIGKILL");
  await victim.ended;
  // PostgreSQL ends the killed process's statements.
  await until("the end of its sessions", async () => (await countSessions(soak)) === 0, SYNC_MS_MAX);
  const { state, stage } = await stateOf(soak, job);
  const failures: string[] = [];
  const content = await contentOf(database, app);
  const expected = await contentOf(database, twin);
  if (state === "running" && content !== before) failures.push("an unfinished run left changes");
  if (state !== "running" && content !== expected) failures.push(`a ${state} run left other changes`);

  const code = await startChild(soak, job).ended;
  if (code !== 0) failures.push(`the next process ended with ${code}`);
  if (state === "running") {
    const next = (await listRuns(database, app)).find(({ resumesRunId }) => resumesRunId === job.runId);
    if (next?.state !== "succeeded") failures.push(`the replacement run is ${next?.state ?? "missing"}`);
  }
  const found = differences(await contentOf(database, app), expected);
  if (found.length > 0) failures.push(`rows differ from those of an undisturbed sync: ${found.join(", ")}`);
  if ((await storedTree(database, app)) !== (await simulatedTree(url, CORP)))
    failures.push("the tree differs from DingTalk's");
  return { when: state === "running" ? (stage ?? state) : "over", failures };
}

const differences = (content: string, expected: string): string[] => {
  const lines = new Set(expected.split("\n"));
  return content.split("\n").filter((line) => !lines.has(line));
};

/** Counts active sessions of other processes with the application's role. */
async function countSessions({ database }: Soak): Promise<number> {
  const { rows } = await database.admin.query(
    `SELECT FROM pg_stat_activity WHERE datname = current_database() AND usename = 'dingkeep_app' AND state <> 'idle'`,
  );
  return rows.length;
}

const WHENS = { read: "reads", plan: "plans", check: "checks", write: "writes", over: "is over" } as const;

/** Kills syncs at random moments, a hundred times. `SOAK_SEED` repeats the same changes and moments. */
export async function soakSyncKills(database: MeasuredDatabase): Promise<Measured> {
  const seed = Number(process.env.SOAK_SEED ?? Math.floor(Math.random() * 2 ** 31));
  console.log(`seed ${seed}`);
  const simulator = await startSimulatorProcess({ size: "small", seed: "1", ...PAIR });
  const { url } = simulator;
  try {
    await control(url, "PATCH limits", { appApiPerSecond: null });
    await control(url, "POST organizations", { corpId: CORP, size: DEPARTMENTS, seed: 7 });
    await control(url, "POST apps", { ...PAIR, corpId: CORP });
    await control(url, "POST faults", { path: "*", fault: { kind: "latency", latencyMs: LATENCY_MS } });
    const program = await bundle({ file: "lib/testing/sync-child.ts" });
    const [app, twin] = [await makeApp(PAIR), await makeApp(PAIR)];
    const soak: Soak = { database, url, program, app, twin, random: seeded(seed) };
    for (const each of [app, twin]) await syncWhole(soak, each);
    const kills: Kill[] = [];
    for (let number = 1; number <= KILLS; number += 1) {
      const kill = await killOnce(soak, number);
      kills.push(kill);
      console.log(`${number}/${KILLS} ${kill.when} ${kill.failures.join("; ")}`);
    }
    return report(kills, seed);
  } finally {
    await simulator.stop();
  }
}

function report(kills: readonly Kill[], seed: number): Measured {
  const rows = Object.entries(WHENS).map(([when, words]) => {
    const those = kills.filter((kill) => kill.when === when);
    return [
      words,
      String(those.length),
      String(those.filter(({ failures }) => failures.length === 0).length),
    ];
  });
  return {
    failures: kills.flatMap(({ when, failures }) => failures.map((failure) => `${when}: ${failure}`)),
    section: {
      title: "Sync kills",
      about:
        `A process is killed (kill -9) at ${kills.length} random moments of syncs of ${DEPARTMENTS} departments and their members, each after ${CHANGES} changes of both, and ` +
        `every other moment after reading; another process then repeats the job. Seed ${seed}. *As expected*: until then the directory is untouched, unless the ` +
        "run was finished; then departments, details, members, assignments, counts, history, search index and applied changes equal, row by row, those " +
        "of an app of the same organization whose syncs are not killed.",
      head: ["killed while it", "kills", "as expected"],
      rows,
    },
  };
}
