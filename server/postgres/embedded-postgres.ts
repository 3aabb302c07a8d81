import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, realpathSync, rmSync } from "node:fs";
import { join } from "node:path";
import { ConfigurationError } from "@/lib/env";
import { withFileLock } from "../file-lock";
import { keptValue } from "../local-settings";
import { makeCluster } from "./cluster";
import { type Passwords, urlOf } from "./connection";
import { type PostgresHome, postgresHome } from "./home";
import { runPostgresProgram } from "./program";
import { prepareDatabase } from "./roles";
import { isServerAlive, runningPort, startServer, stopServer } from "./server";
import { type Supervisor, supervise } from "./supervisor";

const LOCK_WAIT_MS = 60_000;

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
  /** Restarts it at the same address whenever it ends, until `stop`. For the one process that owns it. */
  supervise(): void;
  stop(): Promise<void>;
};

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
    throw new ConfigurationError(
      `${join(folder, PASSWORDS_FILE)} is missing, which holds the passwords of the database in ${home.data}; put it back, or move that folder away to begin with an empty one.`,
    );
  }
  await runPostgresProgram(home, "pg_ctl", ["-D", home.data, "-w", "-m", "immediate", "stop"]).catch(
    () => {},
  );
  rmSync(home.data, { recursive: true, force: true });
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
        // Locked, so that nobody adopts a server that is about to go.
        await whileLocked(() => stopServer(home));
      },
    };
  });
}
