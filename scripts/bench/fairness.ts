import { grant } from "@/lib/auth/actor";
import { cancelSync } from "@/lib/directory/runs/cancel-run";
import { startSync } from "@/lib/directory/runs/start-run";
import { makeApp } from "@/lib/testing/factories";
import { control, startSimulatorProcess } from "../simulator-process";
import type { MeasuredDatabase } from "./measuring/measured-database";
import { startProgram } from "./measuring/program";
import { durationText, median, ratioText } from "./measuring/report";
import type { Measured, Part } from "./measuring/run-parts";
import { countOvertaken, mostAtOnce, type Times, until } from "./measuring/timing";

const RATIO_MAX = 1.2;
const AT_ONCE_MAX = 10;
const WORKERS = 2;
const ORDINARY = 48;
/** A usual response time of DingTalk. */
const LATENCY_MS = 250;
const PHASE_MS_MAX = 5 * 60_000;

type Pair = { readonly appKey: string; readonly appSecret: string };
const pairOf = (name: string): Pair => ({ appKey: `dingbench${name}`, appSecret: `secret-of-${name}` });

/** Mixed sizes. Syncs of equal size would end in rounds of ten, and one round more or less would decide the result. */
const ordinary = Array.from({ length: ORDINARY }, (_, index) => ({
  pair: pairOf(`ordinary${index}`),
  size: 40 + ((index * 37) % ORDINARY) * 4,
}));
/** Exceeds the time limit of a call, so that the sync fails after three attempts. */
const silent = pairOf("silent");
/** Stays below the time limit of a call, so that its sync occupies a slot for as long as an app can. */
const slow = pairOf("slow");
const failing = pairOf("failing");
const TROUBLE_SIZE = 100;

async function setUpDingtalk(): Promise<{ url: string; stop(): Promise<void> }> {
  const simulator = await startSimulatorProcess({ size: "small", seed: "1", ...pairOf("first") });
  const { url } = simulator;
  const trouble = [silent, slow, failing].map((pair) => ({ pair, size: TROUBLE_SIZE }));
  for (const [seed, { pair, size }] of [...ordinary, ...trouble].entries()) {
    const corpId = `corp-of-${pair.appKey}`;
    await control(url, "POST organizations", { corpId, size, seed });
    await control(url, "POST apps", { ...pair, corpId });
  }
  const fault = (rule: object) => control(url, "POST faults", rule);
  await fault({ fault: { kind: "latency", latencyMs: LATENCY_MS } });
  await fault({ appKey: silent.appKey, fault: { kind: "latency", latencyMs: 30_000 } });
  await fault({ appKey: slow.appKey, fault: { kind: "latency", latencyMs: 8_000 } });
  await fault({ appKey: failing.appKey, fault: { kind: "errcode", errcode: -1 } });
  return simulator;
}

type Queued = { readonly organizationId: string; readonly runId: string };

/** Creates an organization with this app, whose first sync is queued. */
async function queueFirstSync(pair: Pair): Promise<Queued> {
  const { organizationId, appId } = await makeApp(pair);
  const started = await startSync(actorOf(organizationId), appId);
  if (!started.ok) throw new Error("a sync was not started");
  return { organizationId, runId: started.value.runId };
}

const actorOf = (organizationId: string) =>
  grant({ organizationId, role: "owner", userId: null }, "directory.sync");

type Phase = {
  /** Milliseconds from queueing the first sync to the end of the last of the 48. */
  readonly totalMs: number;
  /** Milliseconds from queueing the first sync to the end of the median one. */
  readonly medianMs: number;
  readonly atOnce: number;
  readonly overtaken: number;
};

const TIMES = `
  SELECT extract(epoch FROM queued_at)::float8 * 1000 AS "queuedMs", extract(epoch FROM started_at)::float8 * 1000 AS "startedMs",
    extract(epoch FROM finished_at)::float8 * 1000 AS "finishedMs"
  FROM sync_run WHERE id = ANY ($1::uuid[]) AND state = 'succeeded'`;

/** Runs the 48 first syncs, queued behind the apps that cause trouble. */
async function runPhase({ admin }: MeasuredDatabase, trouble: readonly Pair[]): Promise<Phase> {
  const troublesome: Queued[] = [];
  for (const pair of trouble) troublesome.push(await queueFirstSync(pair));
  const queued: Queued[] = [];
  for (const { pair } of ordinary) queued.push(await queueFirstSync(pair));

  const ids = queued.map(({ runId }) => runId);
  const times = await until(
    "the 48 syncs",
    async () => {
      const { rows } = await admin.query<Times>(TIMES, [ids]);
      return rows.length === ORDINARY && rows;
    },
    PHASE_MS_MAX,
  );
  for (const { organizationId, runId } of troublesome) await cancelSync(actorOf(organizationId), runId);
  await until(
    "the end of all jobs",
    async () => {
      const { rows } = await admin.query("SELECT FROM pgboss.job WHERE name = 'sync' AND state = 'active'");
      return rows.length === 0;
    },
    60_000,
  );
  const firstMs = Math.min(...times.map(({ queuedMs }) => queuedMs));
  const ends = times.map(({ finishedMs }) => finishedMs - firstMs);
  return {
    totalMs: Math.max(...ends),
    medianMs: median(ends),
    atOnce: mostAtOnce(times),
    overtaken: countOvertaken(times),
  };
}

async function measure(database: MeasuredDatabase): Promise<Phase[]> {
  const simulator = await setUpDingtalk();
  const env = {
    DINGTALK_OAPI_URL: simulator.url,
    DINGTALK_API_URL: simulator.url,
    SYNC_CONCURRENCY: String(AT_ONCE_MAX),
    LOG_LEVEL: "info",
  };
  const workers = [];
  for (let index = 0; index < WORKERS; index += 1)
    workers.push(await startProgram("worker", '"working"', env));
  try {
    const phases: Phase[] = [];
    // The undisturbed phases come first and last, so that other load on the machine affects both sides.
    for (const trouble of [[], [silent, failing], [slow, failing], []]) {
      phases.push(await runPhase(database, trouble));
    }
    return phases;
  } finally {
    for (const worker of workers) await worker.end("SIGTERM");
    await simulator.stop();
  }
}

async function run(database: MeasuredDatabase): Promise<Measured> {
  const [first, withSilent, withSlow, last] = await measure(database);
  if (!first || !withSilent || !withSlow || !last) throw new Error("a phase is missing");
  const alone = {
    totalMs: (first.totalMs + last.totalMs) / 2,
    medianMs: (first.medianMs + last.medianMs) / 2,
  };
  const named: readonly (readonly [string, Phase])[] = [
    ["alone", first],
    ["with an app that answers after 30 s, and one that fails", withSilent],
    ["with an app that answers after 8 s, and one that fails", withSlow],
    ["alone again", last],
  ];
  const failures = named.flatMap(([name, { totalMs, atOnce, overtaken }]) => [
    ...(totalMs > RATIO_MAX * alone.totalMs
      ? [`${name}: more than ${RATIO_MAX} times the undisturbed time`]
      : []),
    ...(atOnce > AT_ONCE_MAX ? [`${name}: ${atOnce} syncs at once`] : []),
    ...(overtaken > 0 ? [`${name}: ${overtaken} syncs were overtaken by one that was queued later`] : []),
  ]);
  return {
    failures,
    section: {
      title: "Fairness",
      about:
        `First syncs of ${ORDINARY} apps (40 to 228 departments, ${LATENCY_MS} ms per call, 20 calls per second and app), ` +
        `at most ${AT_ONCE_MAX} at once in ${WORKERS} worker processes, queued behind two apps that cause trouble. Ratios are relative to the ` +
        `mean of the two undisturbed phases. The limit is ${RATIO_MAX}; losing one of ten slots for good would give 1.11.`,
      head: ["", "all 48", "ratio", "the median one", "ratio", "at once", "overtaken"],
      rows: named.map(([name, phase]) => [
        name,
        durationText(phase.totalMs),
        ratioText(phase.totalMs, alone.totalMs),
        durationText(phase.medianMs),
        ratioText(phase.medianMs, alone.medianMs),
        String(phase.atOnce),
        String(phase.overtaken),
      ]),
      notes: [
        "A call has a limit of 10 s and three attempts, so the sync of an app that answers after 30 s fails and frees its " +
          "slot. The sync of the app that answers after 8 s keeps its slot to the end.",
      ],
    },
  };
}

/** Measures whether a slow app and a failing app leave the others their sync slots. */
export const fairness: Part = { name: "fairness", run };
