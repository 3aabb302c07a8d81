import type { AppRef } from "@/lib/app-ref";
import { plantDepartments } from "@/lib/directory/tree/test-support/plant";
import { makeOrganization } from "@/lib/testing/factories";
import { freePort } from "@/server/ports";
import { plantApps, plantKey } from "./measuring/fixtures";
import { type HttpLoad, loadHttp } from "./measuring/http-load";
import type { MeasuredDatabase } from "./measuring/measured-database";
import { type Program, startProgram } from "./measuring/program";
import { durationText, median, megabytesText, ratioText } from "./measuring/report";
import type { Measured, Part } from "./measuring/run-parts";

const APPS = 1_000;
const DEPARTMENTS = 100_000;
const CHILDREN = 199;
const ROUNDS = 5;
const SECONDS = 4;
const TOKEN_RATIO_MIN = 0.9;
const TOKEN_P99_MAX = 2;
const DEPARTMENTS_RATIO_MIN = 0.5;
const READS = 200_000;
const READS_STEPS = 5;
/**
 * Limit for the ratio of memory after the last reads to memory after the first step, because garbage collection leaves
 * varying amounts.
 */
const MEMORY_MAX = 1.15;
const EMPTY = "/healthz";

const idOf = (value: number) => value + 1;

async function plantTree({ admin }: MeasuredDatabase, app: AppRef): Promise<void> {
  const client = await admin.connect();
  const departments = Array.from({ length: DEPARTMENTS }, (_, index) => ({
    id: idOf(index),
    parent: index === 0 ? null : idOf(Math.floor((index - 1) / CHILDREN)),
  }));
  await plantDepartments(client, app, departments);
  await client.query("VACUUM ANALYZE department");
  client.release();
}

async function startServer(): Promise<{ program: Program; address: string }> {
  const port = await freePort();
  const address = `http://127.0.0.1:${port}`;
  const env = { PORT: String(port), NEXTAUTH_URL: address, LOG_LEVEL: "warn", WORKER: "off" };
  return { program: await startProgram("start", `${address}/healthz`, env), address };
}

/** Returns a server's transactions as PostgreSQL counts them, up to a second behind. */
async function transactionsOf({ admin }: MeasuredDatabase): Promise<number> {
  await admin.query("SELECT pg_stat_clear_snapshot(), pg_sleep(1.2)");
  const { rows } = await admin.query<{ count: string }>(
    "SELECT xact_commit + xact_rollback AS count FROM pg_stat_database WHERE datname = current_database()",
  );
  return Number(rows[0]?.count);
}

/** Rounds of a route, each after a round of the empty route. */
type Beside = { readonly own: HttpLoad[]; readonly empty: HttpLoad[] };

const middle = (loads: readonly HttpLoad[], of: (load: HttpLoad) => number) => median(loads.map(of));
const rateOf = (loads: readonly HttpLoad[]) => middle(loads, ({ perSecond }) => perSecond);
const p99Of = (loads: readonly HttpLoad[]) => middle(loads, ({ p99Ms }) => p99Ms);

async function measureBeside(ask: (path: string) => Promise<HttpLoad>, path: string): Promise<Beside> {
  const beside: Beside = { own: [], empty: [] };
  await ask(path);
  for (let round = 0; round < ROUNDS; round += 1) {
    beside.empty.push(await ask(EMPTY));
    beside.own.push(await ask(path));
  }
  return beside;
}

const rowOf = (name: string, loads: readonly HttpLoad[], empty: readonly HttpLoad[]) => [
  name,
  Math.round(rateOf(loads)).toLocaleString("en"),
  ratioText(rateOf(loads), rateOf(empty)),
  durationText(middle(loads, ({ p50Ms }) => p50Ms)),
  durationText(p99Of(loads)),
];

async function run(database: MeasuredDatabase): Promise<Measured> {
  const { organizationId } = await makeOrganization();
  const apps = await plantApps(organizationId, APPS);
  const [app] = apps;
  if (!app) throw new Error("there is no app");
  await plantTree(database, app);
  const headers = { authorization: `Bearer ${await plantKey(organizationId)}` };
  const { program, address } = await startServer();
  try {
    const tokenPath = ({ appId }: AppRef) => `/api/v1/apps/${appId}/token`;
    const ask = (path: string) => loadHttp(address + path, { headers, seconds: SECONDS });
    const before = await transactionsOf(database);
    const token = await measureBeside(ask, tokenPath(app));
    const transactions = (await transactionsOf(database)) - before;
    const departments = await measureBeside(ask, `/api/v1/apps/${app.appId}/departments?parentId=2`);
    const memory: number[] = [];
    for (let step = 0; step < READS_STEPS; step += 1) {
      const paths = apps.map(tokenPath);
      const { failed } = await loadHttp(address, { headers, paths, requests: READS / READS_STEPS });
      if (failed > 0) throw new Error(`${failed} of the reads failed`);
      memory.push(program.memoryBytes());
    }
    return report({ token, departments, transactions, memory });
  } finally {
    await program.end("SIGTERM");
  }
}

type Seen = {
  readonly token: Beside;
  readonly departments: Beside;
  readonly transactions: number;
  readonly memory: readonly number[];
};

function report({ token, departments, transactions, memory }: Seen): Measured {
  const all = [...token.own, ...token.empty, ...departments.own, ...departments.empty];
  const failed = all.reduce((sum, one) => sum + one.failed, 0);
  const reads = token.own.reduce((sum, { answered }) => sum + answered, 0);
  const [first = 0, last = 0] = [memory[0], memory.at(-1)];
  const ratios = {
    token: rateOf(token.own) / rateOf(token.empty),
    tokenP99: p99Of(token.own) / p99Of(token.empty),
    departments: rateOf(departments.own) / rateOf(departments.empty),
  };
  const wrong: readonly [boolean, string][] = [
    [failed > 0, `${failed} requests failed`],
    [ratios.token < TOKEN_RATIO_MIN, `the token's route is ${ratios.token.toFixed(2)} of the empty one`],
    [
      ratios.tokenP99 > TOKEN_P99_MAX,
      `the token's p99 is ${ratios.tokenP99.toFixed(2)} times the empty route's`,
    ],
    [
      ratios.departments < DEPARTMENTS_RATIO_MIN,
      `the departments' route is ${ratios.departments.toFixed(2)} of it`,
    ],
    [last > first * MEMORY_MAX, `memory grew from ${megabytesText(first)} to ${megabytesText(last)}`],
  ];
  return {
    failures: wrong.filter(([isWrong]) => isWrong).map(([, text]) => text),
    section: {
      title: "Routes",
      about:
        "Routes of the machine API beside an empty one of the same server in the same run: 16 connections without pauses, " +
        `medians of ${ROUNDS} alternating rounds of ${SECONDS} s. Targets: the token route at least ` +
        `${TOKEN_RATIO_MIN} with p99 at most ${TOKEN_P99_MAX} times, the departments route at least ${DEPARTMENTS_RATIO_MIN}.`,
      head: ["", "requests per second", "of the empty route", "p50", "p99"],
      rows: [
        rowOf("an empty route (`/healthz`), alternating with the next", token.empty, token.empty),
        rowOf("`GET …/token`, warm", token.own, token.empty),
        rowOf("the empty route, alternating with the next", departments.empty, departments.empty),
        rowOf(
          `\`GET …/departments?parentId=\`, 100 of ${CHILDREN} among ${DEPARTMENTS.toLocaleString("en")}`,
          departments.own,
          departments.empty,
        ),
      ],
      notes: [
        `${transactions} transactions while the token was read ${reads.toLocaleString("en")} times: last uses, read counts ` +
          "and prefetched request quotas, every few seconds; a read itself needs no query.",
        `Memory of the server after each ${(READS / READS_STEPS).toLocaleString("en")} of ${READS.toLocaleString("en")} reads ` +
          `over ${APPS.toLocaleString("en")} apps: ${memory.map(megabytesText).join(", ")}.`,
      ],
    },
  };
}

/** Measures routes of the machine API against an empty route. */
export const routes: Part = { name: "routes", run };
