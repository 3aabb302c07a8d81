import type { AppRef } from "@/lib/app-ref";
import { grant } from "@/lib/auth/actor";
import { lockApp } from "@/lib/db/lock-app";
import { inOrganization } from "@/lib/db/unit-of-work";
import { startRun, startSync } from "@/lib/directory/runs/start-run";
import { runSync } from "@/lib/directory/sync/run-sync";
import { makeApp } from "@/lib/testing/factories";
import { TEST_APP_KEY, TEST_APP_SECRET, toolsFor } from "@/lib/testing/sync-tools";
import { control, startSimulatorProcess } from "../simulator-process";
import type { MeasuredDatabase } from "./measuring/measured-database";
import { type Program, startProgram } from "./measuring/program";
import { durationText } from "./measuring/report";
import type { Measured, Part } from "./measuring/run-parts";
import { until } from "./measuring/timing";

/** Includes the root. */
const DEPARTMENTS = Number(process.env.BENCH_DEPARTMENTS ?? 5_000);
const RATE = 20;
const LATENCY_MS = 30;
/** Number of simultaneous calls of an API that a sync makes at this rate and latency. */
const AT_ONCE = 5;
/** Repetitions of measurements that take less than two minutes. */
const GOES = 5;
const CORP = "corp-of-bench-sync";
const SYNC_MS_MAX = 15 * 60_000;
const PATHS = {
  listSub: "topapi/v2/department/listsub",
  listAll: "department/list",
  get: "topapi/v2/department/get",
  members: "topapi/v2/user/list",
} as const;

/** Upper limits. */
const AIMS = {
  limited: 1.05,
  listSub: 1,
  listAll: 1,
  get: 1,
  getAgain: 0.15,
  verify: 0.2,
  throttled: 0.01,
  unlimited: 1.2,
} as const;

type Place = { readonly database: MeasuredDatabase; readonly url: string };
type Counts = Readonly<Record<string, number>>;
/** A run, as its database row shows it, and the calls that the simulator counted meanwhile. */
type Seen = {
  readonly ms: number;
  readonly members: number;
  readonly throttles: number;
  /** Calls per path. */
  readonly calls: Counts;
  /** Calls per path without throttled ones, which had to be repeated. */
  readonly answered: Counts;
};

const pairOf = (name: string) => ({ appKey: `dingbenchsync${name}`, appSecret: `secret-of-${name}` });

async function connect({ url }: Place, pair: ReturnType<typeof pairOf>): Promise<AppRef> {
  await control(url, "POST apps", { ...pair, corpId: CORP });
  return makeApp(pair);
}

const startWorker = ({ url }: Place, callsPerSecond: number): Promise<Program> =>
  startProgram("worker", '"working"', {
    DINGTALK_OAPI_URL: url,
    DINGTALK_API_URL: url,
    DINGTALK_QPS: String(callsPerSecond),
    LOG_LEVEL: "info",
  });

async function queue({ organizationId, appId }: AppRef): Promise<string> {
  const started = await startSync(
    grant({ organizationId, role: "owner", userId: null }, "directory.sync"),
    appId,
  );
  if (!started.ok) throw new Error("a sync was not started");
  return started.value.runId;
}

const queueVerifying = async (app: AppRef): Promise<string> => {
  const start = { trigger: "schedule", startedBy: null, mode: "verify" } as const;
  const begin = async (tx: Parameters<typeof startRun>[0]) =>
    startRun(tx, { ...app, ...(await lockApp(tx, app)) }, start);
  return (await inOrganization(app, begin)).runId;
};

const RUN = `
  SELECT state::text, mode::text, throttles, members_seen AS members,
    extract(epoch FROM started_at)::float8 * 1000 AS "startedMs"
  FROM sync_run WHERE id = $1 AND finished_at IS NOT NULL`;
type Row = Pick<Seen, "members" | "throttles"> & {
  readonly state: string;
  readonly mode: string;
  readonly startedMs: number;
};

/** Starts a run with `begin`, and waits for its end. */
async function watch({ database, url }: Place, begin: () => Promise<string>, mode = "full"): Promise<Seen> {
  await control(url, "DELETE calls");
  const runId = await begin();
  const {
    state,
    mode: asMode,
    startedMs,
    ...run
  } = await until("a sync", async () => (await database.admin.query<Row>(RUN, [runId])).rows[0], SYNC_MS_MAX);
  // Until the results are visible; the row's end time is taken when writing begins.
  const ms = Date.now() - startedMs;
  if (state !== "succeeded" || asMode !== mode) throw new Error(`a ${mode} sync ended ${state} as ${asMode}`);
  const { byPath } = await control<{ byPath: Counts }>(url, "GET calls?callsMax=0");
  const answered: Record<string, number> = {};
  for (const path of Object.keys(byPath)) {
    const { byOutcome } = await control<{ byOutcome: Counts }>(url, `GET calls?callsMax=0&path=${path}`);
    answered[path] = byOutcome.ok ?? 0;
  }
  return { ...run, ms, calls: byPath, answered };
}

const sumOf = (counts: Counts) => Object.values(counts).reduce((sum, count) => sum + count, 0);

type Runs = Readonly<Record<"limited" | "again" | "verifying" | "whole" | "unlimited", Seen>>;

/** Old details are fetched again, which is the most work for a run without changes. */
const AGE = `UPDATE department SET details_at = now() - interval '8 days' WHERE app_id = $1`;

async function measure(place: Place): Promise<Runs> {
  const { database, url } = place;
  const app = await connect(place, pairOf("limited"));
  const limited = await withWorker(place, RATE, () => watch(place, () => queue(app)));
  await control(url, "PATCH limits", { appApiPerSecond: null });
  await database.admin.query(AGE, [app.appId]);
  // The rate that the first worker determined for the app is kept for an hour.
  await database.admin.query("TRUNCATE call_lane");
  const others = await withWorker(place, 5_000, async () => {
    const again = await watch(place, () => queue(app));
    const verifying = await watch(place, () => queueVerifying(app), "verify");
    await control(url, "PATCH settings", { legacyDepartmentApi: "open" });
    // Connected only now, because the worker syncs connected apps automatically.
    const wholeApp = await connect(place, pairOf("whole"));
    return { again, verifying, whole: await watch(place, () => queue(wholeApp)) };
  });
  await control(url, "PATCH settings", { legacyDepartmentApi: "closed" });
  return { limited, ...others, unlimited: await measureUnlimited(place) };
}

/** Measures the median first sync of apps whose limiter admits every call. */
async function measureUnlimited(place: Place): Promise<Seen> {
  const { url } = place;
  const pair = { appKey: TEST_APP_KEY, appSecret: TEST_APP_SECRET };
  await control(url, "POST apps", { ...pair, corpId: CORP });
  const goes: Seen[] = [];
  while (goes.length < GOES) {
    const app = await makeApp(pair);
    const go = async () => {
      const runId = await queue(app);
      await runSync({ ...app, runId }, new AbortController().signal, toolsFor({ url }));
      return runId;
    };
    goes.push(await watch(place, go));
  }
  const middle = goes.sort((a, b) => a.ms - b.ms)[Math.floor(GOES / 2)];
  if (!middle) throw new Error("nothing was measured");
  return middle;
}

async function withWorker<T>(place: Place, callsPerSecond: number, work: () => Promise<T>): Promise<T> {
  const worker = await startWorker(place, callsPerSecond);
  try {
    return await work();
  } finally {
    await worker.end("SIGTERM");
  }
}

type Figure = {
  readonly name: string;
  readonly seen: string;
  readonly value: number;
  readonly aim: keyof typeof AIMS;
};

function figuresOf({ limited, again, verifying, whole, unlimited }: Runs): Figure[] {
  const of = ({ answered }: Seen, path: string) => answered[path] ?? 0;
  const mostOf = ({ answered }: Seen) => Math.max(...Object.values(answered));
  const leastMs = (mostOf(limited) / RATE) * 1_000;
  const leastUnlimitedMs = (mostOf(unlimited) * LATENCY_MS) / AT_ONCE;
  const all = sumOf(limited.calls);
  const perDepartment = (calls: number) => calls / DEPARTMENTS;
  return [
    {
      name: `full sync, ${mostOf(limited).toLocaleString("en")} calls to one API: at least ${durationText(leastMs)}`,
      seen: durationText(limited.ms),
      value: limited.ms / leastMs,
      aim: "limited",
    },
    {
      name: "`listsub` in it, per department",
      seen: of(limited, PATHS.listSub).toLocaleString("en"),
      value: perDepartment(of(limited, PATHS.listSub)),
      aim: "listSub",
    },
    {
      name: "`department/list` in all, where it is allowed",
      seen: `${of(whole, PATHS.listAll)}, \`listsub\` ${of(whole, PATHS.listSub)}`,
      value: of(whole, PATHS.listAll) + of(whole, PATHS.listSub),
      aim: "listAll",
    },
    {
      name: "`department/get` in it, per department",
      seen: of(limited, PATHS.get).toLocaleString("en"),
      value: perDepartment(of(limited, PATHS.get)),
      aim: "get",
    },
    {
      name: "… in a later run without changes, when all details are 8 days old",
      seen: of(again, PATHS.get).toLocaleString("en"),
      value: perDepartment(of(again, PATHS.get)),
      aim: "getAgain",
    },
    {
      name: "calls of a verifying run, relative to a full walk",
      seen: sumOf(verifying.calls).toLocaleString("en"),
      value: sumOf(verifying.calls) / all,
      aim: "verify",
    },
    {
      name: "throttled answers in the full sync, of all",
      seen: `${limited.throttles} of ${all.toLocaleString("en")}`,
      value: limited.throttles / all,
      aim: "throttled",
    },
    {
      name: `the same without limits, ${AT_ONCE} calls of an API at once: at least ${durationText(leastUnlimitedMs)}`,
      seen: durationText(unlimited.ms),
      value: unlimited.ms / leastUnlimitedMs,
      aim: "unlimited",
    },
  ];
}

async function run(database: MeasuredDatabase): Promise<Measured> {
  const simulator = await startSimulatorProcess({ size: "small", seed: "1", ...pairOf("first") });
  try {
    const place = { database, url: simulator.url };
    await control(place.url, "POST organizations", { corpId: CORP, size: DEPARTMENTS - 1, seed: 7 });
    await control(place.url, "POST faults", { path: "*", fault: { kind: "latency", latencyMs: LATENCY_MS } });
    const runs = await measure(place);
    const figures = figuresOf(runs);
    return {
      failures: figures
        .filter(({ value, aim }) => value > AIMS[aim])
        .map(({ name, value }) => `${name}: ${value.toFixed(3)}`),
      section: {
        title: "Sync",
        about:
          `${DEPARTMENTS.toLocaleString("en")} departments and ${runs.limited.members.toLocaleString("en")} members, read by a worker from a simulated DingTalk that takes ` +
          `${LATENCY_MS} ms per answer and admits ${RATE} calls per API and second; calls as DingTalk counted them. Each run once, except the one without limits: median of ${GOES}. *At ` +
          "least*: bound by the API with the most calls, from the limit, or from latency and concurrency.",
        head: ["", "measured", "ratio", "target"],
        rows: figures.map(({ name, seen, value, aim }) => [
          name,
          seen,
          value.toFixed(3),
          `at most ${AIMS[aim]}`,
        ]),
        notes: [
          `Without limits, the app's limiter admits all calls. The sync makes ${AT_ONCE} calls of each API at ` +
            `once, which ${RATE} calls per second need at ${LATENCY_MS} ms.`,
        ],
      },
    };
  } finally {
    await simulator.stop();
  }
}

/** Measures whether a sync is as fast as DingTalk's limits allow, without superfluous calls. */
export const sync: Part = { name: "sync", run };
