import { execFileSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import pg from "pg";
import { afterAll, afterEach, beforeAll, beforeEach, expect, onTestFinished, test } from "vitest";
import { startProgram } from "@/lib/testing/program";
import { makeClusterFolder } from "@/scripts/ci/test-clusters";
import { type PostgresHome, postgresHome } from "./data-location";
import { type EmbeddedPostgres, startEmbeddedPostgres } from "./embedded-postgres";

const isRoot = process.getuid?.() === 0;
const FAST = { fsync: "off" };

/** Starts PostgreSQL in the given folder, as `npm start` does, and prints the result. */
const STARTER = `
  import { startEmbeddedPostgres } from "@/server/postgres/embedded-postgres";
  if (process.env.UMASK) process.umask(Number(process.env.UMASK));
  const { adminUrl, adopted } = await startEmbeddedPostgres(process.argv[2], { fsync: "off" });
  console.log("started " + JSON.stringify({ adminUrl, adopted }));
  if (process.env.STAY) setInterval(() => {}, 1_000);
`;

/** A test run in the current folder that runs until it is killed, with a shared cluster and one of a single test. */
const TEST_RUN = `
  import { execFileSync } from "node:child_process";
  import { mkdirSync } from "node:fs";
  import { startEmbeddedPostgres } from "@/server/postgres/embedded-postgres";
  import { makeClusterFolder } from "@/scripts/ci/test-clusters";
  import { exitWith, runTool } from "@/scripts/ci/test-tools";
  const folders = [process.cwd() + "/.data/test", makeClusterFolder()];
  for (const folder of folders) {
    mkdirSync(folder, { recursive: true });
    execFileSync("cp", ["-a", process.argv[2] + "/.", folder]);
    await startEmbeddedPostgres(folder, { fsync: "off" });
  }
  console.log("started " + JSON.stringify(folders));
  const tests = "console.log('tests run'); setInterval(() => {}, 1_000)";
  await exitWith(async () => (await runTool("node", ["-e", tests])).code);
`;

type Said = { readonly adminUrl: string; readonly adopted: boolean };
const saidBy = (line: string) => JSON.parse(line.slice("started ".length)) as Said;

let template: string;
let folder: string;
const folders: string[] = [];
let homes: PostgresHome[];
let supervised: EmbeddedPostgres[] = [];

/** Copying a cluster takes a fifth of the time of creating one. */
const copyCluster = () => execFileSync("cp", ["-a", `${template}/.`, folder]);

beforeAll(async () => {
  template = makeClusterFolder();
  await (await startEmbeddedPostgres(template, FAST)).stop();
});

// Folders are removed at the end: after many files were removed, ext4 takes several times as long to create new ones.
afterAll(() => {
  for (const made of [template, ...folders])
    rmSync(dirname(made), { recursive: true, force: true, maxRetries: 10 });
});

beforeEach(() => {
  folder = makeClusterFolder();
  folders.push(folder);
  homes = [{ account: {}, bin: "", data: join(folder, "postgres"), isElsewhere: false }];
});

afterEach(async () => {
  for (const postgres of supervised) await postgres.stop();
  supervised = [];
  for (const { data, isElsewhere } of homes) {
    if (existsSync(join(data, "postmaster.pid"))) kill(data);
    if (isElsewhere) rmSync(dirname(data), { recursive: true, force: true, maxRetries: 10 });
  }
});

async function start(): Promise<EmbeddedPostgres> {
  const postgres = await startEmbeddedPostgres(folder, FAST);
  homes.push(postgres.home);
  return postgres;
}

const pidOf = (data: string) => Number(readFileSync(join(data, "postmaster.pid"), "utf8").split("\n")[0]);

function kill(data: string): void {
  try {
    process.kill(pidOf(data), "SIGKILL");
  } catch {
    // The process has ended, or is not ours.
  }
}

async function open(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url });
  client.on("error", () => {});
  await client.connect();
  onTestFinished(() => client.end().catch(() => {}));
  return client;
}

async function ask<T>(url: string, sql: string): Promise<T[]> {
  const client = await open(url);
  const { rows } = await client.query({ text: sql, rowMode: "array" });
  await client.end();
  return rows.flat() as T[];
}

const enter = ({ ownerUrl }: EmbeddedPostgres) =>
  ask(ownerUrl, "CREATE TABLE entered AS SELECT '财务部' AS name");
const entered = ({ ownerUrl }: EmbeddedPostgres) => ask<string>(ownerUrl, "SELECT name FROM entered");

test("the first start creates the database and two roles without bypass, with passwords only for their owner", async () => {
  copyCluster();
  const { adminUrl, appUrl, adopted } = await start();

  expect(adopted).toBe(false);
  const roles = await ask(
    adminUrl,
    `SELECT rolname::text, rolcanlogin, rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb OR rolreplication
     FROM pg_roles WHERE rolname NOT LIKE 'pg\\_%' AND rolname <> 'postgres' ORDER BY 1`,
  );
  expect(roles).toEqual(["dingkeep_app", true, false, "dingkeep_owner", true, false]);
  const owner = await ask(
    adminUrl,
    "SELECT datdba::regrole::text FROM pg_database WHERE datname = 'dingkeep'",
  );
  expect(owner).toEqual(["dingkeep_owner"]);
  expect(await ask(appUrl, "SELECT current_database()::text")).toEqual(["dingkeep"]);
  const passwords = join(folder, "postgres.json");
  expect(execFileSync("stat", ["-c", "%a", passwords], { encoding: "utf8" })).toBe("600\n");
});

test("the next start adopts a running server with its data", async () => {
  copyCluster();
  const first = await start();
  await enter(first);
  const second = await start();

  expect(second).toMatchObject({ adopted: true, adminUrl: first.adminUrl });
  expect(await entered(second)).toEqual(["财务部"]);
});

test("the next start restarts a server after kill -9, with its data", async () => {
  copyCluster();
  const first = await start();
  await enter(first);
  kill(first.home.data);
  const second = await start();

  expect(second.adopted).toBe(false);
  expect(await entered(second)).toEqual(["财务部"]);
});

test("a supervised server that is killed, even during a statement, comes back at its address with its data", async () => {
  copyCluster();
  const postgres = await start();
  await enter(postgres);
  postgres.supervise();
  supervised.push(postgres);
  const killed = pidOf(postgres.home.data);
  const busy = await open(postgres.appUrl);
  // The statement's own limit of 15 s would end it too late.
  const running = busy.query("SELECT count(*) FROM generate_series(1, 100000000000)").catch(() => {});
  const states = "SELECT state FROM pg_stat_activity WHERE usename = 'dingkeep_app'";
  await expect.poll(() => ask(postgres.adminUrl, states)).toContain("active");
  kill(postgres.home.data);

  await expect.poll(() => entered(postgres).catch(() => null)).toEqual(["财务部"]);
  expect(pidOf(postgres.home.data)).not.toBe(killed);
  await running;
});

test("waits for a statement that outlives its killed server", async () => {
  copyCluster();
  const first = await start();
  const busy = await open(first.appUrl);
  await busy.query("SET statement_timeout = '5s'");
  const running = busy.query("SELECT count(*) FROM generate_series(1, 100000000000)").catch(() => {});
  const states = "SELECT state FROM pg_stat_activity WHERE usename = 'dingkeep_app'";
  await expect.poll(() => ask(first.adminUrl, states)).toContain("active");
  kill(first.home.data);

  expect((await start()).adopted).toBe(false);
  await running;
});

test("waits for a server that is stopping, and then starts it", async () => {
  copyCluster();
  const first = await start();
  const last = await open(first.appUrl);
  // A smart shutdown refuses new connections, and ends with the last one.
  process.kill(pidOf(first.home.data), "SIGTERM");
  const log = join(first.home.data, "server.log");
  await expect.poll(() => readFileSync(log, "utf8")).toContain("smart shutdown");
  const starting = start();
  await expect.poll(() => readFileSync(log, "utf8")).toContain("is shutting down");
  await last.end();

  expect((await starting).adopted).toBe(false);
});

test("adopts the server after kill -9 of the process that started it", async () => {
  copyCluster();
  const starter = await startProgram(STARTER, { args: [folder], env: { STAY: "1" } });
  const { adminUrl } = saidBy(await starter.line("started"));
  starter.child.kill("SIGKILL");
  await starter.ended;

  expect(await start()).toMatchObject({ adopted: true, adminUrl });
});

test("a first start that is killed while it creates the cluster does not disturb the next start", async () => {
  const starter = await startProgram(STARTER, { args: [folder] });
  const isHalfMade = () => {
    const half = readdirSync(folder).find((name) => name.startsWith("postgres.new-"));
    return half !== undefined && existsSync(join(folder, half, "PG_VERSION"));
  };
  await expect.poll(isHalfMade, { interval: 10 }).toBe(true);
  starter.child.kill("SIGKILL");
  await starter.ended;
  const postgres = await start();

  expect(await ask(postgres.appUrl, "SELECT 1")).toEqual([1]);
  // The initdb of the killed start continues for a while. A later start removes its files.
  const leftAfterStart = async () => {
    await start();
    return readdirSync(folder).sort();
  };
  await expect.poll(leftAfterStart).toEqual(["postgres", "postgres.json", "starting.lock"]);
});

const testServerPid = async () => {
  const [file] = await ask<string>(process.env.TEST_ADMIN_URL ?? "", "SELECT pg_read_file('postmaster.pid')");
  return Number(file?.split("\n")[0]);
};

test.each([
  ["another program", () => process.pid],
  ["another cluster's server", testServerPid],
])("PostgreSQL starts despite a postmaster.pid that names %s", async (_, pid) => {
  copyCluster();
  const data = join(folder, "postgres");
  const pidFile = join(data, "postmaster.pid");
  writeFileSync(pidFile, [await pid(), data, 1_700_000_000, 1, "", "127.0.0.1", ""].join("\n"));

  expect((await start()).adopted).toBe(false);
});

test("two processes that start the same folder at once share one server, even with a strict umask and LC_ALL=C", async () => {
  const env = { UMASK: String(0o077), LC_ALL: "C", PGDATABASE: "nowhere", PGPORT: "1" };
  const starters = await Promise.all([1, 2].map(() => startProgram(STARTER, { args: [folder], env })));
  const said = await Promise.all(starters.map(async ({ line }) => saidBy(await line("started"))));
  const [{ adminUrl } = { adminUrl: "" }] = said;

  expect(said.map((one) => one.adminUrl)).toEqual([adminUrl, adminUrl]);
  expect(said.filter(({ adopted }) => adopted)).toHaveLength(1);
  // Text functions count characters instead of bytes, whatever the locale of the process.
  const facts = "SELECT length('财务部')::text, current_setting('server_encoding'), upper('ü')";
  expect(await ask(adminUrl, facts)).toEqual(["3", "UTF8", "Ü"]);
});

test("does not delete a database when only its passwords are lost", async () => {
  copyCluster();
  const kept = readFileSync(join(folder, "postgres.json"));
  rmSync(join(folder, "postgres.json"));
  await expect(start()).rejects.toThrow("postgres.json is missing");
  writeFileSync(join(folder, "postgres.json"), kept);

  expect((await start()).adopted).toBe(false);
});

test("stopping PostgreSQL twice is not an error", async () => {
  copyCluster();
  const postgres = await start();
  await postgres.stop();
  await postgres.stop();

  expect(existsSync(join(postgres.home.data, "postmaster.pid"))).toBe(false);
});

test("SIGTERM to a test run stops its PostgreSQL and those of single tests", async () => {
  symlinkSync(join(process.cwd(), "node_modules"), join(folder, "node_modules"));
  const run = await startProgram(TEST_RUN, { cwd: folder, args: [template] });
  const started = JSON.parse((await run.line("started")).slice("started ".length)) as string[];
  const clusters = started.map((path) => join(path, "postgres"));
  homes.push(...clusters.map((data) => ({ account: {}, bin: "", data, isElsewhere: false })));
  await run.line("tests run");
  expect(clusters.map((data) => existsSync(join(data, "postmaster.pid")))).toEqual([true, true]);
  run.child.kill("SIGTERM");

  expect(await run.ended).toBe(1);
  expect(clusters.map((data) => existsSync(join(data, "postmaster.pid")))).toEqual([false, false]);
});

test("S30 the role limits the application's connections, however they are opened", async () => {
  copyCluster();
  const { appUrl } = await start();

  const names = ["statement_timeout", "idle_in_transaction_session_timeout", "lock_timeout"];
  const limits = await ask(appUrl, `SELECT ${names.map((name) => `current_setting('${name}')`).join(", ")}`);
  expect(limits).toEqual(["15s", "30s", "5s"]);
});

test("reports PostgreSQL's message when it refuses a setting", async () => {
  copyCluster();
  await expect(startEmbeddedPostgres(folder, { work_mem: "much" })).rejects.toThrow(/work_mem/);
});

test.runIf(isRoot)(
  "root's cluster is created elsewhere if `nobody` cannot enter its folder, and ends with the folder",
  async () => {
    chmodSync(dirname(folder), 0o700);
    const first = await start();
    expect(first.home).toMatchObject({ isElsewhere: true });
    expect(first.home.data).toMatch(/^\/var\/lib\/dingkeep\//);
    await enter(first);

    chmodSync(dirname(folder), 0o755);
    expect(await entered(await start())).toEqual(["财务部"]);

    rmSync(folder, { recursive: true });
    const afresh = await start();
    expect(afresh.home.data).toBe(first.home.data);
    expect(await ask(afresh.ownerUrl, "SELECT to_regclass('entered')::text")).toEqual([null]);
  },
);

test.runIf(isRoot)("does not replace a cluster by an empty one when its folder becomes inaccessible", () => {
  expect(postgresHome(folder).isElsewhere).toBe(false);
  mkdirSync(join(folder, "postgres"));
  chmodSync(dirname(folder), 0o700);

  expect(() => postgresHome(folder)).toThrow("can no longer enter");
});
