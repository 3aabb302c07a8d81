import { existsSync, readdirSync, readFileSync, readlinkSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { freePort } from "../ports";
import { HOST, type Passwords, query, urlOf } from "./connection";
import type { PostgresHome } from "./data-location";
import { runPostgresProgram } from "./program";

const START_WAIT_MS = 60_000;
const POLL_MS = 100;

const pidFileOf = (home: PostgresHome) => join(home.data, "postmaster.pid");

/** Reads `postmaster.pid`. A server that ends removes the file at any moment. */
function readPidFile(home: PostgresHome): { pid: number; port: number } | null {
  try {
    const [pid = 0, , , port = 0] = readFileSync(pidFileOf(home), "utf8").split("\n").map(Number);
    return { pid, port };
  } catch {
    return null;
  }
}

/** Returns whether the server on `port` answers and serves this folder. */
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
 * Returns whether `pid` is the server of this folder. After a reboot the pid may belong to any program, also to another
 * PostgreSQL. Returns `null` on systems without /proc; a zombie has no arguments and counts as no server.
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

/** Returns whether the cluster's server process exists, even if it does not answer. */
export function isServerAlive(home: PostgresHome): boolean {
  const found = readPidFile(home);
  if (!found) return false;
  const isOurs = isServer(home, found.pid);
  if (isOurs !== null) return isOurs;
  try {
    process.kill(found.pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/**
 * Returns the port of a running server. Waits for a server that is starting or stopping, because a second start would
 * fail.
 */
export async function runningPort(home: PostgresHome, passwords: Passwords): Promise<number | undefined> {
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

/** Printed when a statement has outlived its killed server. A new server cannot start until it ends. */
const OUTLIVED = /pre-existing shared memory block/;
/** Failures that a retry can solve. `could not bind` means that another program took the port meanwhile. */
const PASSING = /pre-existing shared memory block|could not bind/;

/**
 * Ends processes that a killed server has left. A statement that computes notices only at its end that the server is
 * gone.
 */
function endLeftProcesses(home: PostgresHome): void {
  if (process.platform !== "linux" || isServerAlive(home)) return;
  for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    try {
      const isLeft =
        readlinkSync(`/proc/${pid}/cwd`) === home.data &&
        readFileSync(`/proc/${pid}/cmdline`, "utf8").startsWith("postgres: ");
      if (isLeft) process.kill(Number(pid), "SIGKILL");
    } catch {
      // The process has ended meanwhile, or belongs to another user.
    }
  }
}

/**
 * Starts the cluster's server.
 *
 * @param wantedPort its previous port; a free one when left out
 * @returns the port
 * @throws {Error} with the end of its log
 */
export async function startServer(
  home: PostgresHome,
  settings: Readonly<Record<string, string>>,
  wantedPort?: number,
): Promise<number> {
  // The log is inside the cluster, because PostgreSQL's user may be unable to write to the folder around it.
  const log = join(home.data, "server.log");
  const deadline = Date.now() + START_WAIT_MS;
  for (;;) {
    removeStalePidFile(home);
    // Keeps the log of the last run, which may explain why it ended.
    if (existsSync(log)) renameSync(log, `${log}.before`);
    const port = wantedPort ?? (await freePort());
    const all = {
      listen_addresses: HOST,
      unix_socket_directories: "",
      port: String(port),
      max_connections: "200",
      ...settings,
    };
    const options = Object.entries(all).map(([name, value]) => `-c ${name}=${value === "" ? "''" : value}`);
    try {
      await runPostgresProgram(home, "pg_ctl", [
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
      if (OUTLIVED.test(said)) endLeftProcesses(home);
      await delay(POLL_MS);
    }
  }
}

/** Stops the cluster's server, if it runs, and aborts the work of its connections. */
export async function stopServer(home: PostgresHome): Promise<void> {
  if (existsSync(pidFileOf(home)))
    await runPostgresProgram(home, "pg_ctl", ["-D", home.data, "-w", "-m", "fast", "stop"]);
}
