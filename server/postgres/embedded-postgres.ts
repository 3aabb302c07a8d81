import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, realpathSync, rmSync } from "node:fs";
import { join } from "node:path";
import { ConfigurationError } from "@/lib/env";
import { withFileLock } from "../file-lock";
import { readOrCreate } from "../local-settings";
import { type Passwords, urlOf } from "./connection";
import { makeCluster } from "./create-cluster";
import { type PostgresHome, postgresHome } from "./data-location";
import { runPostgresProgram } from "./program";
import { prepareDatabase } from "./roles";
import { isServerAlive, runningPort, startServer, stopServer } from "./server";
import { type Supervisor, supervise } from "./supervisor";

const LOCK_WAIT_MS = 60_000;

/** A running PostgreSQL on loopback, with the addresses of its three roles. */
export type EmbeddedPostgres = {
  /** Address of the superuser for the database `postgres`. The product does not use it. */
  readonly adminUrl: string;
  /** Address of the owner, which migrates. Neither superuser nor BYPASSRLS. */
  readonly ownerUrl: string;
  /** Address of the application, which can only read and write rows. */
  readonly appUrl: string;
  /** True if the server was already running, left behind by a killed start. */
  readonly adopted: boolean;
  readonly home: PostgresHome;
  /**
   * Restarts PostgreSQL on the same port whenever it ends, until `stop`. Only the process that owns it may call this.
   */
  supervise(): void;
  stop(): Promise<void>;
};

const PASSWORDS_FILE = "postgres.json";

function passwordsOf(folder: string): Passwords {
  const fresh = () => randomBytes(24).toString("base64url");
  return readOrCreate(PASSWORDS_FILE, () => ({ admin: fresh(), owner: fresh(), app: fresh() }), folder);
}

/**
 * Removes a cluster outside the project whose `.data` folder, and with it the passwords, was deleted. A cluster inside
 * the project is never removed, because it may be the only copy of somebody's data.
 *
 * @throws {ConfigurationError} when the cluster is inside the project
 */
async function removeOrphan(home: PostgresHome, folder: string): Promise<void> {
  if (!existsSync(home.data)) return;
  if (!home.isElsewhere) {
    throw new ConfigurationError(
      `${join(folder, PASSWORDS_FILE)} is missing. It holds the passwords of the database in ${home.data}. Restore the file, or move the database folder away to start with an empty database.`,
    );
  }
  await runPostgresProgram(home, "pg_ctl", ["-D", home.data, "-w", "-m", "immediate", "stop"]).catch(
    () => {},
  );
  rmSync(home.data, { recursive: true, force: true });
}

/**
 * Starts the PostgreSQL of a folder, or adopts the one that is still running, and creates its roles and its database.
 * Safe to call from several processes at once, and after any of them was killed.
 *
 * @param settings PostgreSQL settings to add
 */
export async function startEmbeddedPostgres(
  place: string,
  settings: Readonly<Record<string, string>> = {},
): Promise<EmbeddedPostgres> {
  mkdirSync(place, { recursive: true });
  const folder = realpathSync(place);
  const whileLocked = <T>(work: () => Promise<T>) =>
    withFileLock(join(folder, "starting.lock"), LOCK_WAIT_MS, work);
  return whileLocked(async () => {
    const home = postgresHome(folder);
    if (!existsSync(join(folder, PASSWORDS_FILE))) await removeOrphan(home, folder);
    const passwords = passwordsOf(folder);
    await makeCluster(home, passwords.admin);
    const running = await runningPort(home, passwords);
    const port = running ?? (await startServer(home, settings));
    const adminUrl = urlOf("postgres", passwords.admin, port, "postgres");
    await prepareDatabase(adminUrl, passwords);
    let supervisor: Supervisor | undefined;
    const restart = () =>
      whileLocked(async () => {
        if (!isServerAlive(home)) await startServer(home, settings, port);
      });
    return {
      adminUrl,
      ownerUrl: urlOf("dingkeep_owner", passwords.owner, port, "dingkeep"),
      appUrl: urlOf("dingkeep_app", passwords.app, port, "dingkeep"),
      adopted: running !== undefined,
      home,
      supervise: () => {
        supervisor ??= supervise({ isAlive: () => isServerAlive(home), restart });
      },
      stop: async () => {
        await supervisor?.stop();
        // The lock keeps other processes from adopting a server that is about to stop.
        await whileLocked(() => stopServer(home));
      },
    };
  });
}
