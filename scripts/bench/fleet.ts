import { setTimeout as delay } from "node:timers/promises";
import type pg from "pg";
import { buildApp } from "@/server/build-app";
import { freePort } from "@/server/ports";
import { APPS_EACH, type FleetApp, plantFleet, whenSyncsAreDue } from "./fleet-plant";
import { plantKey } from "./measuring/fixtures";
import type { MeasuredDatabase } from "./measuring/measured-database";
import { type Program, startProgram } from "./measuring/program";
import { durationText, median, megabytesText } from "./measuring/report";
import type { Measured, Part } from "./measuring/run-parts";
import { timeOf } from "./measuring/timing";

export type FleetOptions = { readonly organizations: number; readonly minutes: number };

const IDLE_TRANSACTIONS_PER_SECOND_MAX = 20;
const RENEWAL_LATE_MS_MAX = 30_000;
const SYNC_LATE_MS_MAX = 60_000;
const START_MS_MAX = 10_000;
/** Limit for the ratio of memory in the last quarter to memory in the second. */
const MEMORY_MAX = 1.1;
/** Longer than the server takes to start and settle, so that the idle time contains neither. */
const SETTLE_MS = 30_000;
const PLANTING_MS_EACH = 25;
/** A new process still grows, so a shorter run cannot judge its memory. */
const MEMORY_MINUTES_MIN = 10;
const READ_EVERY_MS = 200;
const READ_APPS = 60;

/** Observations during the measurement. */
type Seen = {
  readonly memory: number[];
  notReady: number;
  readonly renewalsLateMs: number[];
  read: number;
  dead: number;
  refused: number;
};

/** Returns the number of finished transactions in this database, without those of this program. */
async function countTransactions(admin: pg.Pool): Promise<number> {
  const { rows } = await admin.query<{ n: number }>(
    "SELECT (xact_commit + xact_rollback)::float8 AS n FROM pg_stat_database WHERE datname = current_database()",
  );
  return rows[0]?.n ?? 0;
}

async function transactionsPerSecond(admin: pg.Pool, ms: number): Promise<number> {
  const before = await countTransactions(admin);
  await delay(ms);
  return ((await countTransactions(admin)) - before) / (ms / 1_000);
}

/** Repeats work at an interval until a point in time. */
async function each(everyMs: number, untilMs: number, work: () => Promise<void>): Promise<void> {
  for (let atMs = Date.now(); atMs < untilMs; atMs += everyMs) {
    await delay(Math.max(0, atMs - Date.now()));
    await work();
  }
}

/** Reads the tokens of some apps as a service does, and tries each one on DingTalk. */
async function readTokens(
  address: string,
  dingtalk: string,
  {
    apps,
    untilMs,
    seen,
  }: { readonly apps: readonly FleetApp[]; readonly untilMs: number; readonly seen: Seen },
): Promise<void> {
  const chosen = apps.filter(({ isBroken }) => !isBroken).slice(0, READ_APPS);
  const keys = new Map<string, string>();
  for (const { organizationId } of chosen)
    if (!keys.has(organizationId)) keys.set(organizationId, await plantKey(organizationId));
  let next = 0;
  await each(READ_EVERY_MS, untilMs, async () => {
    const app = chosen[next++ % chosen.length];
    if (!app) return;
    const answer = await fetch(`${address}/api/v1/apps/${app.appId}/token`, {
      headers: { authorization: `Bearer ${keys.get(app.organizationId)}` },
    });
    seen.read += 1;
    if (!answer.ok) {
      seen.refused += 1;
      return;
    }
    const { accessToken } = (await answer.json()) as { accessToken: string };
    const tried = await fetch(`${dingtalk}/auth/scopes?access_token=${accessToken}`);
    if (((await tried.json()) as { errcode: number }).errcode !== 0) seen.dead += 1;
  });
}

/** Returns the delays of renewals that are still in the queue, which keeps finished jobs for five minutes. */
async function lateRenewals(admin: pg.Pool): Promise<number[]> {
  const { rows } = await admin.query<{ late: number }>(
    `SELECT extract(epoch FROM coalesce(started_on, now()) - start_after)::float8 * 1000 AS late FROM pgboss.job
     WHERE name = 'token.renew' AND start_after < now() AND coalesce(started_on, now()) > now() - interval '1 minute'
       AND state <> 'retry'`,
  );
  return rows.map(({ late }) => late);
}

/** Returns the delays of scheduled syncs of healthy apps. A sync that has not begun counts with its delay so far. */
async function lateSyncs(admin: pg.Pool, apps: readonly FleetApp[]): Promise<number[]> {
  const { rows } = await admin.query<{ appId: string; startedAt: Date | null }>(
    `SELECT app_id AS "appId", started_at AS "startedAt" FROM sync_run WHERE trigger = 'schedule'`,
  );
  const started = new Map(rows.map(({ appId, startedAt }) => [appId, startedAt]));
  const now = new Date();
  return apps
    .filter(({ isBroken, syncAt }) => !isBroken && syncAt <= now)
    .map(({ appId, syncAt }) => (started.get(appId) ?? now).getTime() - syncAt.getTime());
}

async function live(
  admin: pg.Pool,
  { address, server, untilMs, seen }: { address: string; server: Program; untilMs: number; seen: Seen },
): Promise<number> {
  const before = await countTransactions(admin);
  const startedMs = Date.now();
  await Promise.all([
    each(1_000, untilMs, async () => {
      const isReady = await fetch(`${address}/readyz`).then(
        ({ ok }) => ok,
        () => false,
      );
      if (!isReady) seen.notReady += 1;
      seen.memory.push(server.memoryBytes());
    }),
    each(60_000, untilMs, async () => void seen.renewalsLateMs.push(...(await lateRenewals(admin)))),
  ]);
  seen.renewalsLateMs.push(...(await lateRenewals(admin)));
  return ((await countTransactions(admin)) - before) / ((Date.now() - startedMs) / 1_000);
}

const p95 = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length * 0.95)] ?? 0;

const most = (values: readonly number[]): number => values.reduce((max, value) => Math.max(max, value), 0);

const quarterOf = (values: readonly number[], quarter: number): number[] => {
  const length = values.length / 4;
  return values.slice(Math.floor(quarter * length), Math.floor((quarter + 1) * length));
};

async function measure({ admin }: MeasuredDatabase, { organizations, minutes }: FleetOptions) {
  if ((await buildApp("ignore")) !== 0) throw new Error("the application could not be built");
  const idleMs = Math.min(120_000, minutes * 60_000);
  // Planting took 15 ms per organization on a busy machine, and must be finished before the idle time.
  const plantingMs = 30_000 + organizations * PLANTING_MS_EACH;
  const idleUntil = whenSyncsAreDue(new Date(Date.now() + plantingMs + SETTLE_MS + idleMs));
  const liveUntil = new Date(idleUntil.getTime() + minutes * 60_000);
  let fleet: Awaited<ReturnType<typeof plantFleet>> | undefined;
  const plantedMs = await timeOf(async () => {
    fleet = await plantFleet(admin, { organizations, idleUntil, liveUntil });
  });
  if (!fleet) throw new Error("there is no fleet");
  const { apps, dingtalk } = fleet;
  const port = await freePort();
  const address = `http://127.0.0.1:${port}`;
  let server: Program | undefined;
  try {
    const startMs = await timeOf(async () => {
      server = await startProgram("start", `${address}/readyz`, {
        PORT: String(port),
        NEXTAUTH_URL: address,
        LOG_LEVEL: "error",
        DINGTALK_OAPI_URL: dingtalk.url,
        DINGTALK_API_URL: dingtalk.url,
      });
    });
    if (!server) throw new Error("there is no server");
    const untilIdleMs = idleUntil.getTime() - idleMs - Date.now();
    if (untilIdleMs < 0) throw new Error("planting took too long, and the idle time has begun");
    await delay(untilIdleMs);
    const idle = await transactionsPerSecond(admin, Math.max(10_000, idleUntil.getTime() - Date.now()));
    const untilMs = Date.now() + minutes * 60_000;
    const seen: Seen = { memory: [], notReady: 0, renewalsLateMs: [], read: 0, dead: 0, refused: 0 };
    const [busy] = await Promise.all([
      live(admin, { address, server, untilMs, seen }),
      readTokens(address, dingtalk.url, { apps, untilMs, seen }),
    ]);
    return { plantedMs, startMs, idle, busy, seen, syncsLateMs: await lateSyncs(admin, apps) };
  } finally {
    await server?.end("SIGTERM");
    await dingtalk.stop();
  }
}

async function run(database: MeasuredDatabase, options: FleetOptions): Promise<Measured> {
  const { organizations, minutes } = options;
  const { plantedMs, startMs, idle, busy, seen, syncsLateMs } = await measure(database, options);
  const growth = median(quarterOf(seen.memory, 3)) / median(quarterOf(seen.memory, 1));
  const [renewalMs, syncMs] = [most(seen.renewalsLateMs), most(syncsLateMs)];
  const perSecond = (seen.renewalsLateMs.length / (minutes * 60)).toFixed(1);
  const failures = [
    ...(idle > IDLE_TRANSACTIONS_PER_SECOND_MAX
      ? [`${idle.toFixed(1)} transactions per second when idle`]
      : []),
    ...(renewalMs > RENEWAL_LATE_MS_MAX ? [`a renewal began ${durationText(renewalMs)} late`] : []),
    ...(syncMs > SYNC_LATE_MS_MAX ? [`a sync began ${durationText(syncMs)} late`] : []),
    ...(seen.dead > 0 ? [`${seen.dead} dead tokens were returned`] : []),
    ...(seen.refused > 0 ? [`${seen.refused} reads of tokens were refused`] : []),
    ...(seen.notReady > 0 ? [`/readyz was not ready ${seen.notReady} times`] : []),
    ...(growth > MEMORY_MAX && minutes >= MEMORY_MINUTES_MIN
      ? [`memory grew to ${growth.toFixed(2)} times`]
      : []),
    ...(startMs > START_MS_MAX ? [`the server took ${durationText(startMs)} to start`] : []),
  ];
  return {
    failures,
    section: {
      title: "Fleet",
      about:
        `${organizations.toLocaleString("en")} organizations with ${APPS_EACH} apps each on one database, 5 % of the apps with a ` +
        `wrong secret, served by one process with its worker for ${minutes} minutes. Nothing is due in the idle time before.`,
      head: ["", "measured", "target"],
      rows: [
        ["start of the server", durationText(startMs), "at most 10 s"],
        ["transactions per second, idle", idle.toFixed(1), "at most 20"],
        ["transactions per second, busy", busy.toFixed(1), ""],
        ["renewals per second", perSecond, "at least 10"],
        ["the latest renewal", durationText(renewalMs), "at most 30 s late"],
        ["scheduled syncs due", String(syncsLateMs.length), ""],
        ["p95 of their delay", durationText(p95(syncsLateMs)), ""],
        ["the latest scheduled sync", durationText(syncMs), "at most 60 s late"],
        ["dead tokens returned", `${seen.dead} of ${seen.read} reads`, "0"],
        ["refused reads", String(seen.refused), "0"],
        ["/readyz not ready", `${seen.notReady} of ${seen.memory.length} times`, "0"],
        ["memory, second quarter", megabytesText(median(quarterOf(seen.memory, 1))), ""],
        ["memory, last quarter", megabytesText(median(quarterOf(seen.memory, 3))), "flat"],
      ],
      notes: [`Planting took ${durationText(plantedMs)}.`],
    },
  };
}

/** Measures whether the cost of many organizations depends on the work that is due, and not on their number. */
export const fleet = (options: FleetOptions): Part => ({
  name: "fleet",
  isOnlyByName: true,
  run: (database) => run(database, options),
});
