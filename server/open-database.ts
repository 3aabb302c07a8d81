import { join } from "node:path";
import pg from "pg";
import { assertSettingsReachNodes } from "@/lib/db/citus";
import { assertHearing } from "@/lib/db/notifications";
import { assertApplicationRole, awaitSchema } from "@/lib/db/readiness";
import { ConfigurationError, parseEnv } from "@/lib/env";
import { DATA_FOLDER } from "./local-settings";
import { migrateDatabase } from "./migrate-database";
import { type EmbeddedPostgres, startEmbeddedPostgres } from "./postgres/embedded-postgres";
import { holdFolder } from "./running-folder";
import type { Step } from "./signals";

/** Sets the database's addresses: those that were given, or those of the embedded PostgreSQL, which is started. */
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

/** Stand for the addresses that the embedded PostgreSQL and the server have once they run. */
const NOT_YET = { DATABASE_URL: "postgresql://embedded", NEXTAUTH_URL: "http://localhost" };

/**
 * `chooseDatabase` for the process that owns the embedded PostgreSQL: it restarts PostgreSQL when that dies, and ends
 * it by a step in `running`. There is one such process for a folder.
 *
 * @throws {ConfigurationError} when a variable is wrong, or another process runs from this folder
 */
export async function ownDatabase(running: Step[]): Promise<void> {
  // Before anything is started or asked for: whoever mistyped a value hears of that, and of nothing else.
  const given = Object.entries(process.env).filter(([, value]) => value !== "");
  const isGiven = Boolean(process.env.DATABASE_URL);
  parseEnv({ ...(isGiven ? {} : NOT_YET), ...Object.fromEntries(given) });
  if (isGiven) return;
  await holdFolder(DATA_FOLDER);
  const starting = chooseDatabase();
  // A signal in the middle of the start must not leave PostgreSQL behind.
  running.unshift(async () => (await starting.catch(() => null))?.stop());
  (await starting)?.supervise();
}

type DatabaseVariable = "DATABASE_URL" | "DATABASE_DIRECT_URL" | "MIGRATION_DATABASE_URL";

const CONNECT_MS_MAX = 10_000;

/** What the system or PostgreSQL said; an attempt at several addresses of a host fails with the list of them. */
function reasonOf(error: unknown): string {
  const [first = error] = error instanceof AggregateError ? error.errors : [];
  return first instanceof Error ? first.message : String(first);
}

/**
 * Opens a connection with the address in a variable, if it is set, and closes it again.
 *
 * @returns the role in the address; `null` when it isn't set
 * @throws {ConfigurationError} naming the variable, when it leads to no database or not into it
 */
async function tryAddress(name: DatabaseVariable): Promise<string | null> {
  const connectionString = process.env[name];
  if (!connectionString) return null;
  const role = URL.canParse(connectionString) ? decodeURIComponent(new URL(connectionString).username) : "";
  if (role === "") throw new ConfigurationError(`${name} is wrong: it is no address with a role in it.`);
  const client = new pg.Client({ connectionString, connectionTimeoutMillis: CONNECT_MS_MAX });
  client.on("error", () => {});
  try {
    await client.connect();
  } catch (error) {
    throw new ConfigurationError(`${name} leads into no database: ${reasonOf(error)}.`);
  } finally {
    await client.end().catch(() => {});
  }
  return role;
}

/**
 * What is migrated, and for whom.
 *
 * @returns `null` when something else migrates
 * @throws {ConfigurationError} when one of the addresses is wrong
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

/** `migrationTarget`, and whether the address for LISTEN is one too. */
export async function checkAddresses(): ReturnType<typeof migrationTarget> {
  await tryAddress("DATABASE_DIRECT_URL");
  return migrationTarget();
}

/** Migrates if the owner's address is known, and then waits for a schema and a role that this build can work with. */
export async function readyDatabase(): Promise<void> {
  const target = await checkAddresses();
  // Before it is given any rows, too; and an owner who is taken for the application would lose rights of its own.
  await assertApplicationRole();
  if (target) await migrateDatabase(target);
  await awaitSchema();
  await assertApplicationRole();
  await assertSettingsReachNodes();
  await assertHearing();
}
