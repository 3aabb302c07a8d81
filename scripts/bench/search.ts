import type { AppRef } from "@/lib/app-ref";
import { sessionCookie } from "@/lib/auth/cookies";
import { encodeSessionToken } from "@/lib/auth/session-token";
import { createSession } from "@/lib/auth/sessions";
import { asUser } from "@/lib/db/unit-of-work";
import { indexDirectory } from "@/lib/directory/search/index-directory";
import { makeApp, makeOrganization } from "@/lib/testing/factories";
import { buildApp } from "@/server/build-app";
import { freePort } from "@/server/ports";
import type { MeasuredDatabase } from "./measuring/measured-database";
import { startProgram } from "./measuring/program";
import { durationText, median, megabytesText } from "./measuring/report";
import type { Measured, Part } from "./measuring/run-parts";
import { AREAS, GIVEN, SURNAMES, UNITS, WORK } from "./measuring/sample-data";
import { timeOf } from "./measuring/timing";

const DEPARTMENTS = 100_000;
const MEMBERS = 500_000;
const AT_ONCE = 8;
const ROUNDS = 5;
const REQUESTS = 160;
const EMPTY = "the empty route (`/healthz`)";
const SEARCH_P95_MS_MAX = 100;
const NODE_P95_MS_MAX = 50;

/** SQL for an item of a list, always the same for the same row. */
const pick = (list: readonly string[], seed: string) =>
  `(string_to_array('${list.join()}', ','))[1 + (abs(hashint4(${seed})::bigint) % ${list.length})::int]`;

/** Ten departments below each one. Names repeat, as in real directories. */
const PLANT_DEPARTMENTS = `
  INSERT INTO department (organization_id, app_id, department_id, parent_id, name, extra, first_seen_at, changed_at)
  SELECT $1, $2, n, CASE WHEN n > 1 THEN ceil((n - 1) / 10.0) END,
    CASE WHEN n = 1 THEN '某某集团' ELSE ${pick(AREAS, "n")} || ${pick(WORK, "n + 1000003")} || ${pick(UNITS, "n + 2000003")} END,
    '{}', now(), now()
  FROM generate_series(1, ${DEPARTMENTS}) n`;
const PLANT_MEMBERS = `
  INSERT INTO member (organization_id, app_id, user_id, name, title, job_number, other_fields, since_revision, first_seen_at, changed_at)
  SELECT $1, $2, 'user' || n, ${pick(SURNAMES, "n")} || ${pick(GIVEN, "n + 1000003")}
      || CASE WHEN n % 4 > 0 THEN ${pick(GIVEN, "n + 2000003")} ELSE '' END,
    '员工', 'J' || n, '{}', 1, now(), now()
  FROM generate_series(1, ${MEMBERS}) n`;
const PLANT_PLACES = `
  INSERT INTO member_place (organization_id, app_id, department_id, user_id, since_revision)
  SELECT $1, $2, 1 + n % ${DEPARTMENTS}, 'user' || n, 1 FROM generate_series(1, ${MEMBERS}) n`;

/** Search texts per kind. */
const TYPED: Readonly<Record<string, readonly string[]>> = {
  "1 Chinese character": ["王", "销", "部", "伟"],
  "2 Chinese characters": ["销售", "王伟", "华东", "涵宇"],
  "3 Chinese characters": ["王伟强", "华东销", "人力资", "诸葛伟"],
  pinyin: ["xiaoshou", "wangwei", "z", "huadongyanfa"],
  initials: ["xs", "wwq", "hdxs", "rlzy"],
  "an id": ["user77777", "J123456", "77777", "user"],
  "no result": ["黧黑鼬", "zzzzq", "销售猫", "%_"],
  "a path": ["华东/销售二部", "研发/王伟", "华北 财务"],
};

/**
 * Fills the directory.
 *
 * @returns the time to index all its names, in milliseconds
 */
async function plant({ admin }: MeasuredDatabase, app: AppRef): Promise<number> {
  const client = await admin.connect();
  for (const statement of [PLANT_DEPARTMENTS, PLANT_MEMBERS, PLANT_PLACES])
    await client.query(statement, [app.organizationId, app.appId]);
  const ms = await timeOf(() => indexDirectory(app));
  await client.query("VACUUM ANALYZE department, member, member_place, search_term, search_name");
  client.release();
  return ms;
}

/**
 * Requests the addresses with limited concurrency.
 *
 * @returns all durations in ascending order, in milliseconds
 */
async function ask(addresses: readonly string[], cookie: string): Promise<number[]> {
  const times: number[] = [];
  let next = 0;
  const asker = async () => {
    for (let at = next++; at < REQUESTS; at = next++) {
      const address = addresses[at % addresses.length] ?? "";
      times.push(
        await timeOf(async () => {
          const response = await fetch(address, { headers: { cookie } });
          const text = await response.text();
          if (!response.ok || text.includes("too_slow"))
            throw new Error(`${address}: ${response.status} ${text}`);
        }),
      );
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, asker));
  return times.sort((a, b) => a - b);
}

const at = (times: readonly number[], part: number) =>
  times[Math.ceil(times.length * part) - 1] ?? Number.NaN;

type Figures = { readonly p50Ms: number; readonly p95Ms: number };

async function figuresOf(addresses: readonly string[], cookie: string): Promise<Figures> {
  const rounds: number[][] = [];
  await ask(addresses, cookie);
  for (let round = 0; round < ROUNDS; round += 1) rounds.push(await ask(addresses, cookie));
  return {
    p50Ms: median(rounds.map((times) => at(times, 0.5))),
    p95Ms: median(rounds.map((times) => at(times, 0.95))),
  };
}

async function cookieOf(userId: string): Promise<string> {
  const session = await asUser({ userId }, (tx) =>
    createSession(tx, userId, { address: "", userAgent: "bench" }),
  );
  return `${sessionCookie().name}=${await encodeSessionToken(session)}`;
}

async function measure(database: MeasuredDatabase) {
  const { organizationId, publicId, owner } = await makeOrganization();
  const app = await makeApp({ appKey: "bench", appSecret: "bench" }, { organizationId });
  const indexMs = await plant(database, app);
  const { rows } = await database.admin.query<{ bytes: string; rows: string }>(
    "SELECT pg_total_relation_size('search_term') + pg_total_relation_size('search_name') AS bytes, (SELECT count(*) FROM search_term) AS rows",
  );
  if ((await buildApp("ignore")) !== 0) throw new Error("the application could not be built");
  const port = await freePort();
  const address = `http://127.0.0.1:${port}`;
  const env = { PORT: String(port), NEXTAUTH_URL: address, LOG_LEVEL: "warn", WORKER: "off" };
  const server = await startProgram("start", `${address}/healthz`, env);
  try {
    const cookie = await cookieOf(owner.userId);
    const directory = `${address}/o/${publicId}/apps/${app.appId}/directory`;
    const figures = new Map([[EMPTY, await figuresOf([`${address}/healthz`], cookie)]]);
    for (const [kind, texts] of Object.entries(TYPED))
      figures.set(
        kind,
        await figuresOf(
          texts.map((text) => `${directory}/search?q=${encodeURIComponent(text)}`),
          cookie,
        ),
      );
    const opened = await figuresOf(
      [1, 2, 77, 9_000].map((id) => `${directory}/tree/children?parent=${id}`),
      cookie,
    );
    return { figures, opened, indexMs, terms: Number(rows[0]?.rows), bytes: Number(rows[0]?.bytes) };
  } finally {
    await server.end("SIGTERM");
  }
}

async function run(database: MeasuredDatabase): Promise<Measured> {
  const { figures, opened, indexMs, terms, bytes } = await measure(database);
  const limits = new Map(Object.keys(TYPED).map((kind) => [kind, SEARCH_P95_MS_MAX]));
  const all = [...figures, ["opening a node", opened] as const];
  limits.set("opening a node", NODE_P95_MS_MAX);
  const names = DEPARTMENTS + MEMBERS;
  const perSecond = Math.round(names / (indexMs / 1_000));
  return {
    failures: all.flatMap(([kind, { p95Ms }]) =>
      p95Ms > (limits.get(kind) ?? Number.POSITIVE_INFINITY)
        ? [`${kind}: p95 is ${durationText(p95Ms)}`]
        : [],
    ),
    section: {
      title: "Search",
      about:
        `The console's search through its route, ${DEPARTMENTS.toLocaleString("en")} departments and ${MEMBERS.toLocaleString("en")} people: ` +
        `${AT_ONCE} at once, medians of ${ROUNDS} rounds of ${REQUESTS} requests, four texts of each kind in turn. Targets: p95 at most ` +
        `${SEARCH_P95_MS_MAX} ms, and ${NODE_P95_MS_MAX} ms to open a node.`,
      head: ["", "p50", "p95"],
      rows: all.map(([kind, { p50Ms, p95Ms }]) => [kind, durationText(p50Ms), durationText(p95Ms)]),
      notes: [
        `Indexing all ${names.toLocaleString("en")} names took ${durationText(indexMs)}, ${perSecond.toLocaleString("en")} per second; ` +
          `${terms.toLocaleString("en")} terms, ${megabytesText(bytes)} with their keys.`,
      ],
    },
  };
}

/** Measures search in a large directory. */
export const search: Part = { name: "search", run };
