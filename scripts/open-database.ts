import { mkdirSync } from "node:fs";
import { join } from "node:path";
import pg from "pg";
import { assertSettingsReachNodes } from "@/lib/db/citus";
import { assertHearing } from "@/lib/db/notifications";
import { assertApplicationRole, awaitSchema } from "@/lib/db/readiness";
import { ConfigurationError, parseEnv } from "@/lib/env";
import { type EmbeddedPostgres, startEmbeddedPostgres } from "./embedded-postgres";
import { holdFileLock } from "./file-lock";
import { DATA_FOLDER } from "./local-settings";
import { migrateDatabase } from "./migrate-database";

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

/** Stands for the address that the embedded PostgreSQL has once it runs. */
const NOT_YET = "postgresql://embedded";

/**
 * `chooseDatabase` for whoever stops the embedded PostgreSQL again at its end: one at a time, or the first to
 * end would take it from the others.
 *
 * @throws {ConfigurationError} when a variable is wrong, or another one runs from this folder
 */
export async function ownDatabase(): Promise<EmbeddedPostgres | null> {
  // Before anything is started or asked for: whoever mistyped a value hears of that, and of nothing else.
  parseEnv({ ...process.env, DATABASE_URL: process.env.DATABASE_URL || NOT_YET });
  mkdirSync(DATA_FOLDER, { recursive: true });
  if (!process.env.DATABASE_URL && !holdFileLock(join(DATA_FOLDER, "running.lock"))) {
    throw new ConfigurationError(
      "Dingkeep runs from this folder already; stop it first, or set DATABASE_URL.",
    );
  }
  return chooseDatabase();
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
