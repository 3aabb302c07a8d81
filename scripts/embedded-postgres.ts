import { type SpawnOptions, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import {
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import pg from "pg";
import { withFileLock } from "./file-lock";
import { freePort } from "./free-port";
import { keptValue } from "./local-settings";
import { ownFolder, type PostgresHome, postgresHome } from "./postgres-home";

const START_WAIT_MS = 60_000;
const POLL_MS = 100;
const HOST = "127.0.0.1";

/** A PostgreSQL that runs on loopback, and the three roles' addresses in it. */
export type EmbeddedPostgres = {
  /** The superuser's, for `postgres`; nothing of the product uses it. */
  readonly adminUrl: string;
  /** The owner's: migrates. Neither superuser nor BYPASSRLS. */
  readonly ownerUrl: string;
  /** The application's: reads and writes rows, and nothing else. */
  readonly appUrl: string;
  /** Whether it ran already, left behind by a start that was killed. */
  readonly adopted: boolean;
  readonly home: PostgresHome;
  stop(): Promise<void>;
};

type Passwords = { readonly admin: string; readonly owner: string; readonly app: string };

const PASSWORDS_FILE = "postgres.json";

function passwordsOf(folder: string): Passwords {
  const fresh = () => randomBytes(24).toString("base64url");
  return keptValue(PASSWORDS_FILE, () => ({ admin: fresh(), owner: fresh(), app: fresh() }), folder);
}

/**
 * A cluster outside the project outlives a deleted `.data`, and nobody has its passwords any more. One inside
 * that lost them alone may still be somebody's only copy.
 */
async function removeOrphan(home: PostgresHome, folder: string): Promise<void> {
  if (!existsSync(home.data)) return;
  if (!home.isElsewhere) {
    throw new Error(
      `${join(folder, PASSWORDS_FILE)} is missing, which holds the passwords of the database in ${home.data}; put it back, or move that folder away to begin with an empty one.`,
    );
  }
  await run(home, "pg_ctl", ["-D", home.data, "-w", "-m", "immediate", "stop"]).catch(() => {});
  rmSync(home.data, { recursive: true, force: true });
}

/** Runs one of PostgreSQL's programs to its end; what it said comes with the error. */
function run(home: PostgresHome, program: string, args: string[]): Promise<void> {
  const options: SpawnOptions = {
    ...home.account,
    cwd: dirname(home.data),
    // The server inherits these: no PG* variable and no locale of the caller's may reach it.
    env: { PATH: process.env.PATH, LC_ALL: "C", TZ: "UTC" } as unknown as NodeJS.ProcessEnv,
    stdio: ["ignore", "pipe", "pipe"],
  };
  return new Promise((resolve, reject) => {
    const child = spawn(join(home.bin, program), args, options);
    let said = "";
    const listen = (chunk: Buffer) => {
      said = (said + chunk.toString()).slice(-2_000);
    };
    child.stdout?.on("data", listen);
    child.stderr?.on("data", listen);
    child.on("error", reject);
    // `exit`, not `close`: the server that pg_ctl leaves behind may hold the pipes open.
    child.on("exit", (code) => {
      child.stdout?.destroy();
      child.stderr?.destroy();
      if (code === 0) resolve();
      else reject(new Error(`${program} ended with ${code}: ${said.trim()}`));
    });
  });
}

const urlOf = (role: string, password: string, port: number, database: string) =>
  `postgresql://${role}:${password}@${HOST}:${port}/${database}`;

async function query(url: string, statements: readonly string[]): Promise<unknown[][]> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 3_000 });
  client.on("error", () => {});
  await client.connect();
  try {
    const answers: unknown[][] = [];
    for (const statement of statements) {
      answers.push((await client.query({ text: statement, rowMode: "array" })).rows.flat() as unknown[]);
    }
    return answers;
  } finally {
    await client.end();
  }
}

const pidFileOf = (home: PostgresHome) => join(home.data, "postmaster.pid");

/** What `postmaster.pid` says. A server that ends takes it away at any moment. */
function readPidFile(home: PostgresHome): { pid: number; port: number } | null {
  try {
    const [pid = 0, , , port = 0] = readFileSync(pidFileOf(home), "utf8").split("\n").map(Number);
    return { pid, port };
  } catch {
    return null;
  }
}

/** Whether the server on `port` is the one of this folder. Only an answer counts. */
async function doesAnswer(home: PostgresHome, passwords: Passwords, port: number): Promise<boolean> {
  try {
    const [answer] = await query(urlOf("postgres", passwords.admin, port, "postgres"), [
      "show data_directory",
    ]);
    return answer?.[0] === home.data;
  } catch {
    return false;
  }
}

/**
 * Whether `pid` is the server of this folder: after a restart of the machine it may be any program's, another
 * PostgreSQL's too. `null` where the system doesn't say; a zombie has no arguments.
 */
function isServer(home: PostgresHome, pid: number): boolean | null {
  if (process.platform !== "linux") return null;
  try {
    const args = readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0");
    return args[args.indexOf("-D") + 1] === home.data;
  } catch {
    return false;
  }
}

/**
 * The port of a server that still runs. One that is there but doesn't answer is starting or stopping: starting
 * another over it would fail, so this waits until it has made up its mind.
 */
async function runningPort(home: PostgresHome, passwords: Passwords): Promise<number | undefined> {
  const deadline = Date.now() + START_WAIT_MS;
  for (let found = readPidFile(home); found; found = readPidFile(home)) {
    if (found.port > 0 && (await doesAnswer(home, passwords, found.port))) return found.port;
    if (!isServer(home, found.pid) || Date.now() > deadline) return undefined;
    await delay(POLL_MS);
  }
  return undefined;
}

function removeStalePidFile(home: PostgresHome): void {
  const found = readPidFile(home);
  if (found && isServer(home, found.pid) === false) rmSync(pidFileOf(home), { force: true });
}

/** Made beside its place and then moved there, so that a start that was killed leaves no half that looks whole. */
const halvesOf = (home: PostgresHome) => `${basename(home.data)}.new-`;

/** An initdb may outlive the start that was killed, and write on: what can't be removed now can the next time. */
function removeHalves(home: PostgresHome): void {
  const place = dirname(home.data);
  for (const left of readdirSync(place).filter((name) => name.startsWith(halvesOf(home)))) {
    try {
      rmSync(join(place, left), { recursive: true, force: true });
    } catch {}
  }
}

async function makeCluster(home: PostgresHome, passwords: Passwords): Promise<void> {
  removeHalves(home);
  if (existsSync(join(home.data, "PG_VERSION"))) return;
  const half = join(dirname(home.data), halvesOf(home) + randomBytes(4).toString("hex"));
  ownFolder(half, home.account, 0o700);
  const passwordFile = `${half}.password`;
  writeFileSync(passwordFile, passwords.admin, { mode: 0o600 });
  if (home.account.uid !== undefined) chownSync(passwordFile, home.account.uid, home.account.gid ?? 0);
  const locale = [
    "--encoding=UTF8",
    "--locale=C.UTF-8",
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
  ];
  try {
    await run(home, "initdb", [
      "-D",
      half,
      "-U",
      "postgres",
      "-A",
      "scram-sha-256",
      `--pwfile=${passwordFile}`,
      ...locale,
    ]);
    renameSync(half, home.data);
  } catch (error) {
    rmSync(half, { recursive: true, force: true });
    throw error;
  } finally {
    rmSync(passwordFile, { force: true });
  }
}

/** Passes by itself: a statement that outlives its killed server, a port that somebody took in between. */
const PASSING = /pre-existing shared memory block|could not bind/;

async function startCluster(home: PostgresHome, settings: Readonly<Record<string, string>>): Promise<number> {
  // Inside the cluster: the folder around it may be one that the lent user can't write.
  const log = join(home.data, "server.log");
  const deadline = Date.now() + START_WAIT_MS;
  for (;;) {
    removeStalePidFile(home);
    rmSync(log, { force: true });
    const port = await freePort();
    const all = {
      listen_addresses: HOST,
      unix_socket_directories: "",
      port: String(port),
      max_connections: "200",
      ...settings,
    };
    const options = Object.entries(all).map(([name, value]) => `-c ${name}=${value === "" ? "''" : value}`);
    try {
      await run(home, "pg_ctl", [
        "-D",
        home.data,
        "-l",
        log,
        "-w",
        "-t",
        "60",
        "-o",
        options.join(" "),
        "start",
      ]);
      return port;
    } catch (cause) {
      const said = existsSync(log) ? readFileSync(log, "utf8").slice(-2_000) : "";
      if (!PASSING.test(said) || Date.now() > deadline)
        throw new Error(`PostgreSQL could not be started:\n${said}`, { cause });
      await delay(POLL_MS);
    }
  }
}

/**
 * The application's limits (S30) stand with its role, so that they hold behind a pooler too.
 * The two roles own nothing beyond what their work needs (S13).
 */
export function roleStatements(
  passwords: Pick<Passwords, "owner" | "app">,
  exists: ReadonlySet<string>,
): string[] {
  const make = (role: string, password: string) =>
    exists.has(role)
      ? []
      : [`CREATE ROLE ${role} LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE PASSWORD '${password}'`];
  return [
    ...make("dingkeep_owner", passwords.owner),
    ...make("dingkeep_app", passwords.app),
    "ALTER ROLE dingkeep_app SET statement_timeout = '15s'",
    "ALTER ROLE dingkeep_app SET idle_in_transaction_session_timeout = '30s'",
    "ALTER ROLE dingkeep_app SET lock_timeout = '5s'",
  ];
}

async function prepareDatabase(adminUrl: string, passwords: Passwords): Promise<void> {
  const [roles = [], databases = []] = await query(adminUrl, [
    "SELECT rolname FROM pg_roles",
    "SELECT datname FROM pg_database",
  ]);
  await query(adminUrl, roleStatements(passwords, new Set(roles as string[])));
  if (!databases.includes("dingkeep")) {
    await query(adminUrl, ["CREATE DATABASE dingkeep OWNER dingkeep_owner"]);
  }
  await query(adminUrl, [
    "REVOKE ALL ON DATABASE dingkeep FROM PUBLIC",
    "GRANT CONNECT ON DATABASE dingkeep TO dingkeep_app",
  ]);
}

async function stopCluster(home: PostgresHome): Promise<void> {
  if (existsSync(pidFileOf(home))) await run(home, "pg_ctl", ["-D", home.data, "-w", "-m", "fast", "stop"]);
}

/**
 * Starts the PostgreSQL of the folder `place` or adopts the one that still runs, makes its roles and its database.
 * Safe to call from several processes at once, and again after any of them was killed.
 *
 * @param settings PostgreSQL settings beyond ours
 */
export async function startEmbeddedPostgres(
  place: string,
  settings: Readonly<Record<string, string>> = {},
): Promise<EmbeddedPostgres> {
  mkdirSync(place, { recursive: true });
  const folder = realpathSync(place);
  const whileLocked = <T>(work: () => Promise<T>) =>
    withFileLock(join(folder, "starting.lock"), START_WAIT_MS, work);
  return whileLocked(async () => {
    const home = postgresHome(folder);
    if (!existsSync(join(folder, PASSWORDS_FILE))) await removeOrphan(home, folder);
    const passwords = passwordsOf(folder);
    await makeCluster(home, passwords);
    const running = await runningPort(home, passwords);
    const port = running ?? (await startCluster(home, settings));
    const adminUrl = urlOf("postgres", passwords.admin, port, "postgres");
    await prepareDatabase(adminUrl, passwords);
    return {
      adminUrl,
      ownerUrl: urlOf("dingkeep_owner", passwords.owner, port, "dingkeep"),
      appUrl: urlOf("dingkeep_app", passwords.app, port, "dingkeep"),
      adopted: running !== undefined,
      home,
      // Locked, so that nobody adopts a server that is about to go.
      stop: () => whileLocked(() => stopCluster(home)),
    };
  });
}
