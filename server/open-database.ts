import { join } from "node:path";
import pg from "pg";
import { assertSettingsReachNodes } from "@/lib/db/citus";
import { assertNotificationsArrive } from "@/lib/db/notifications";
import { assertApplicationRole, awaitSchema } from "@/lib/db/readiness";
import { ConfigurationError, parseEnv } from "@/lib/env";
import { DATA_FOLDER } from "./local-settings";
import { migrateDatabase } from "./migrate-database";
import { type EmbeddedPostgres, startEmbeddedPostgres } from "./postgres/embedded-postgres";
import type { Step } from "./shutdown";
import { lockFolder } from "./single-instance";

/** Starts the embedded PostgreSQL and sets the database addresses, unless DATABASE_URL is set. */
export async function chooseDatabase(folder = DATA_FOLDER): Promise<EmbeddedPostgres | null> {
  if (process.env.DATABASE_URL) return null;
  const embedded = await startEmbeddedPostgres(folder);
  process.env.DATABASE_URL = embedded.appUrl;
  process.env.MIGRATION_DATABASE_URL = embedded.ownerUrl;
  if (embedded.home.isElsewhere) {
    console.log(
      `PostgreSQL keeps its data in ${join(embedded.home.data)}: its user may not enter this folder.`,
    );
  }
  return embedded;
}

/** Placeholders for addresses that are known only after the embedded PostgreSQL and the server have started. */
const NOT_YET = { DATABASE_URL: "postgresql://embedded", NEXTAUTH_URL: "http://localhost" };

/**
 * Does what `chooseDatabase` does for the one process that owns the embedded PostgreSQL of a folder: restarts
 * PostgreSQL when it ends, and adds a step to `running` that stops it.
 *
 * @throws {ConfigurationError} when a variable is invalid, or another process runs from this folder
 */
export async function ownDatabase(running: Step[]): Promise<void> {
  // Comes before any start, so that a mistyped value is the only thing reported.
  const given = Object.entries(process.env).filter(([, value]) => value !== "");
  const isGiven = Boolean(process.env.DATABASE_URL);
  parseEnv({ ...(isGiven ? {} : NOT_YET), ...Object.fromEntries(given) });
  if (isGiven) return;
  await lockFolder(DATA_FOLDER);
  const starting = chooseDatabase();
  // A signal during the start must not leave PostgreSQL running.
  running.unshift(async () => (await starting.catch(() => null))?.stop());
  (await starting)?.supervise();
}

type DatabaseVariable = "DATABASE_URL" | "DATABASE_DIRECT_URL" | "MIGRATION_DATABASE_URL";

const CONNECT_MS_MAX = 10_000;

/**
 * Returns the message of an error of the system or of PostgreSQL. A host with several addresses fails with a list of
 * errors.
 */
function reasonOf(error: unknown): string {
  const [first = error] = error instanceof AggregateError ? error.errors : [];
  return first instanceof Error ? first.message : String(first);
}

/**
 * Connects with the address in a variable, if it is set, and disconnects.
 *
 * @returns the role in the address; `null` if the variable is not set
 * @throws {ConfigurationError} naming the variable, when the address is invalid or the connection fails
 */
async function tryAddress(name: DatabaseVariable): Promise<string | null> {
  const connectionString = process.env[name];
  if (!connectionString) return null;
  const role = URL.canParse(connectionString) ? decodeURIComponent(new URL(connectionString).username) : "";
  if (role === "") throw new ConfigurationError(`${name} is not a PostgreSQL address with a role.`);
  const client = new pg.Client({ connectionString, connectionTimeoutMillis: CONNECT_MS_MAX });
  client.on("error", () => {});
  try {
    await client.connect();
  } catch (error) {
    throw new ConfigurationError(`Cannot connect with ${name}: ${reasonOf(error)}.`);
  } finally {
    await client.end().catch(() => {});
  }
  return role;
}

/**
 * Returns the address of the owner and the role of the application.
 *
 * @returns `null` if this process does not migrate, because MIGRATION_DATABASE_URL is not set
 * @throws {ConfigurationError} when an address is wrong
 */
export async function migrationTarget(): Promise<Parameters<typeof migrateDatabase>[0] | null> {
  const [applicationRole, ownerRole] = [
    await tryAddress("DATABASE_URL"),
    await tryAddress("MIGRATION_DATABASE_URL"),
  ];
  if (applicationRole === null) throw new ConfigurationError("DATABASE_URL is missing.");
  if (ownerRole === null) return null;
  return { ownerUrl: process.env.MIGRATION_DATABASE_URL ?? "", applicationRole };
}

/**
 * Checks all database addresses, including the one for LISTEN.
 *
 * @returns the target of the migration, as `migrationTarget` does
 * @throws {ConfigurationError} when an address is wrong
 */
export async function checkAddresses(): ReturnType<typeof migrationTarget> {
  await tryAddress("DATABASE_DIRECT_URL");
  return migrationTarget();
}

/** Migrates if the owner's address is set, then waits until schema and role fit this build. */
export async function readyDatabase(): Promise<void> {
  const target = await checkAddresses();
  // Runs before the migration too: a role that bypasses row security must not get access to rows, and an owner
  // configured as the application would lose rights.
  await assertApplicationRole();
  if (target) await migrateDatabase(target);
  await awaitSchema();
  await assertApplicationRole();
  await assertSettingsReachNodes();
  await assertNotificationsArrive();
}
