import { type SpawnOptions, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chownSync, existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { resolve as absolute, dirname, join } from "node:path";
import pg from "pg";
import { withFileLock } from "./file-lock";
import { ownFolder, type PostgresHome, postgresHome } from "./postgres-home";

const START_WAIT_MS = 60_000;
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

const passwordsPath = (folder: string) => join(folder, "postgres.json");

function passwordsOf(folder: string): Passwords {
  const path = passwordsPath(folder);
  if (!existsSync(path)) {
    const fresh = () => randomBytes(24).toString("base64url");
    writeFileSync(path, JSON.stringify({ admin: fresh(), owner: fresh(), app: fresh() }), { mode: 0o600 });
  }
  return JSON.parse(readFileSync(path, "utf8")) as Passwords;
}

/** A cluster outside the project outlives a deleted `.data`, and nobody has its passwords any more. */
async function removeOrphan(home: PostgresHome): Promise<void> {
  if (!existsSync(home.data)) return;
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

/** The port of a server that still runs. Only an answer counts: a pid may be a zombie's or another program's. */
async function runningPort(home: PostgresHome, passwords: Passwords): Promise<number | undefined> {
  const pidFile = join(home.data, "postmaster.pid");
  if (!existsSync(pidFile)) return undefined;
  const port = Number(readFileSync(pidFile, "utf8").split("\n")[3]);
  if (!(port > 0)) return undefined;
  try {
    const [answer] = await query(urlOf("postgres", passwords.admin, port, "postgres"), [
      "show data_directory",
    ]);
    return answer?.[0] === home.data ? port : undefined;
  } catch {
    return undefined;
  }
}

/** Whether the pid in `postmaster.pid` is a live PostgreSQL: one that doesn't answer yet must not be started over. */
function isPostgres(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.includes("(postgres)") && !/\) Z /.test(stat);
  } catch {
    return false;
  }
}

function removeStalePidFile(home: PostgresHome): void {
  const pidFile = join(home.data, "postmaster.pid");
  if (!existsSync(pidFile) || process.platform !== "linux") return;
  if (!isPostgres(Number(readFileSync(pidFile, "utf8").split("\n")[0]))) rmSync(pidFile);
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on("error", reject);
    server.listen(0, HOST, () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}

async function makeCluster(home: PostgresHome, passwords: Passwords): Promise<void> {
  if (existsSync(join(home.data, "PG_VERSION"))) return;
  // A first start that was killed in the middle of initdb leaves a folder that initdb refuses.
  rmSync(home.data, { recursive: true, force: true });
  ownFolder(home.data, home.account, 0o700);
  const passwordFile = `${home.data}.password`;
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
      home.data,
      "-U",
      "postgres",
      "-A",
      "scram-sha-256",
      `--pwfile=${passwordFile}`,
      ...locale,
    ]);
  } catch (error) {
    rmSync(home.data, { recursive: true, force: true });
    throw error;
  } finally {
    rmSync(passwordFile, { force: true });
  }
}

async function startCluster(home: PostgresHome, settings: Readonly<Record<string, string>>): Promise<number> {
  removeStalePidFile(home);
  const port = await freePort();
  const all = {
    listen_addresses: HOST,
    unix_socket_directories: "",
    port: String(port),
    max_connections: "200",
    ...settings,
  };
  const options = Object.entries(all).map(([name, value]) => `-c ${name}=${value === "" ? "''" : value}`);
  // Inside the cluster: the folder around it may be one that the lent user can't write.
  const log = join(home.data, "server.log");
  await run(home, "pg_ctl", ["-D", home.data, "-l", log, "-w", "-t", "60", "-o", options.join(" "), "start"]);
  return port;
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

/**
 * Starts the PostgreSQL of the folder `place` or adopts the one that still runs, makes its roles and its database.
 * Safe to call from several processes at once, and again after any of them was killed.
 *
 * @param settings PostgreSQL settings beyond ours
 */
export function startEmbeddedPostgres(
  place: string,
  settings: Readonly<Record<string, string>> = {},
): Promise<EmbeddedPostgres> {
  const folder = absolute(place);
  const home = postgresHome(folder);
  return withFileLock(join(folder, "postgres.lock"), START_WAIT_MS, async () => {
    if (!existsSync(passwordsPath(folder))) await removeOrphan(home);
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
      stop: () => run(home, "pg_ctl", ["-D", home.data, "-w", "-m", "fast", "stop"]),
    };
  });
}
