import type { AppRef } from "@/lib/app-ref";
import { grant } from "@/lib/auth/actor";
import { startSync } from "@/lib/directory/runs/start-run";
import { makeApp } from "@/lib/testing/factories";
import type { MeasuredDatabase } from "./measuring/measured-database";
import { startProgram } from "./measuring/program";
import { durationText, megabytesText } from "./measuring/report";
import type { Measured, Part } from "./measuring/run-parts";
import { until } from "./measuring/timing";

const DEPARTMENTS = Number(process.env.BENCH_DEPARTMENTS ?? 100_000);
const MEMBERSHIPS = DEPARTMENTS * 5;
const PAIR = { appKey: "dingbenchapply000000", appSecret: "secret-of-bench" };
const MEMORY_MAX = 512e6;
const SYNC_MS_MAX = 30 * 60_000;

/** Tables that a run may change, except its own row and its checkpoint. */
const TABLES = `{department,department_past,department_count,member,member_past,member_place,place_past,directory_change,
  search_term,search_name}`;

type Stages = Readonly<Record<"read" | "plan" | "write", number>>;
type Go = {
  readonly stages: Stages;
  readonly rowsWritten: number;
  readonly counted: number;
  readonly peakBytes: number;
};

/** Returns PostgreSQL's count of written rows, which is up to a second behind. */
async function rowsWritten({ admin }: MeasuredDatabase): Promise<number> {
  await admin.query("SELECT pg_stat_clear_snapshot(), pg_sleep(1.2)");
  const { rows } = await admin.query<{ n: number }>(
    `SELECT sum(n_tup_ins + n_tup_upd + n_tup_del)::float8 AS n FROM pg_stat_user_tables WHERE relname = ANY($1)`,
    [TABLES],
  );
  return rows[0]?.n ?? 0;
}

type Row = { readonly state: string; readonly stage: string | null; readonly counted: number };
const RUN = `SELECT state::text, stage::text, (added + changed + moved + removed + members_added + members_changed
  + members_moved + members_removed)::int AS counted FROM sync_run WHERE id = $1`;

/** Runs a whole sync in a dedicated worker process. */
async function syncOnce(database: MeasuredDatabase, { organizationId, appId }: AppRef): Promise<Go> {
  const before = await rowsWritten(database);
  const worker = await startProgram(`bench/large-worker-process ${DEPARTMENTS}`, "working");
  try {
    const actor = grant({ organizationId, role: "owner", userId: null }, "directory.sync");
    const started = await startSync(actor, appId);
    if (!started.ok) throw new Error("a sync was not started");
    const since = new Map<string, number>();
    const { state, counted } = await until(
      "the sync",
      async () => {
        const { rows } = await database.admin.query<Row>(RUN, [started.value.runId]);
        const stage = rows[0]?.stage ?? rows[0]?.state ?? "";
        if (!since.has(stage)) since.set(stage, performance.now());
        return rows[0]?.stage === null && rows[0].state !== "queued" && rows[0];
      },
      SYNC_MS_MAX,
    );
    if (state !== "succeeded") throw new Error(`a sync ended ${state}`);
    const peakBytes = worker.peakMemoryBytes();
    return {
      stages: stagesOf(since),
      counted,
      peakBytes,
      rowsWritten: (await rowsWritten(database)) - before,
    };
  } finally {
    await worker.end("SIGTERM");
  }
}

function stagesOf(since: ReadonlyMap<string, number>): Stages {
  const at = (stage: string) => since.get(stage) ?? Number.NaN;
  const planned = since.get("check") ?? at("write");
  return { read: at("plan") - at("read"), plan: planned - at("plan"), write: at("succeeded") - planned };
}

async function run(database: MeasuredDatabase): Promise<Measured> {
  const app = await makeApp(PAIR);
  const first = await syncOnce(database, app);
  await database.admin.query("VACUUM ANALYZE");
  const again = await syncOnce(database, app);
  const rowOf = (name: string, { stages, rowsWritten, peakBytes }: Go) => [
    name,
    durationText(stages.read),
    durationText(stages.plan),
    durationText(stages.write),
    rowsWritten.toLocaleString("en"),
    megabytesText(peakBytes),
  ];
  return {
    failures: [first, again]
      .flatMap(({ peakBytes }) =>
        peakBytes > MEMORY_MAX ? [`the worker took ${megabytesText(peakBytes)}`] : [],
      )
      .concat(
        again.rowsWritten + again.counted > 0 ? [`the second run wrote ${again.rowsWritten} rows`] : [],
      ),
    section: {
      title: "Apply",
      about:
        `A sync of ${DEPARTMENTS.toLocaleString("en")} departments and ${MEMBERSHIPS.toLocaleString("en")} memberships in a separate worker process that generates ` +
        "DingTalk's answers itself, followed by an unchanged rerun. Reading fills the checkpoint; planning compares it with the stored directory; " +
        "writing includes counting people and indexing names. Each run once.",
      head: ["", "reading", "planning", "writing", "rows written", "peak memory"],
      rows: [rowOf("first sync", first), rowOf("unchanged rerun", again)],
      notes: ["Targets: the rerun writes 0 rows, and no worker takes more than 512 MB."],
    },
  };
}

/** Measures writing a very large directory, and a rerun that finds it unchanged. */
export const apply: Part = { name: "apply", run };
