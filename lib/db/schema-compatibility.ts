import "server-only";
import { setTimeout as delay } from "node:timers/promises";
import { ConfigurationError } from "@/lib/env";
import { log } from "@/lib/log";
import { pool } from "./connection-pools";
import { type Migration, type MigrationKind, readMigrations } from "./migrations";

const POLL_MS = 1_000;
const POLLS_MAX = 120;
/** SQLSTATEs while migrations are incomplete: undefined table, insufficient privilege. */
const NOT_MIGRATED_YET = new Set(["42P01", "42501"]);

type AppliedMigrations = ReadonlyMap<string, MigrationKind>;

/** The schema compared with this build's migrations. `by` names the migration that contracted it. */
export type SchemaStatus =
  | { readonly is: "current" | "newer" | "older" }
  | { readonly is: "contracted"; readonly by: string };

/** Compares the applied migrations with this build's. A newer schema works unless a migration contracted it. */
export function compareSchema(
  known: readonly Pick<Migration, "name">[],
  applied: AppliedMigrations,
): SchemaStatus {
  const names = new Set(known.map(({ name }) => name));
  const unknown = [...applied].filter(([name]) => !names.has(name));
  const contracted = unknown.find(([, kind]) => kind !== "expands");
  if (contracted) return { is: "contracted", by: contracted[0] };
  if ([...names].some((name) => !applied.has(name))) return { is: "older" };
  return { is: unknown.length > 0 ? "newer" : "current" };
}

async function readApplied(): Promise<AppliedMigrations> {
  try {
    const { rows } = await pool().query<{ name: string; kind: MigrationKind }>(
      "SELECT name, kind FROM applied_migration",
    );
    return new Map(rows.map(({ name, kind }) => [name, kind]));
  } catch (error) {
    if (NOT_MIGRATED_YET.has((error as { code?: string }).code ?? "")) return new Map();
    throw error;
  }
}

/** Waits for this build's migrations. @throws {ConfigurationError} after two minutes, or for a contracted schema */
export async function awaitSchema(): Promise<void> {
  const known = await readMigrations();
  for (let poll = 0; poll < POLLS_MAX; poll++) {
    const status = compareSchema(known, await readApplied());
    if (status.is === "contracted") {
      throw new ConfigurationError(
        `A newer version changed the database (migration ${status.by}) in a way that this version does not support; start the newer version.`,
      );
    }
    if (status.is !== "older") return;
    if (poll === 0) log.info("waiting for the database to be migrated");
    await delay(POLL_MS);
  }
  throw new ConfigurationError(
    "The database is not migrated; set MIGRATION_DATABASE_URL or run `npm run migrate`.",
  );
}

export async function isSchemaCompatible(): Promise<boolean> {
  const { is } = compareSchema(await readMigrations(), await readApplied());
  return is === "current" || is === "newer";
}
