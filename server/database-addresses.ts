import pg from "pg";
import { ConfigurationError } from "@/lib/env";
import type { migrateDatabase } from "./migrate-database";

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
