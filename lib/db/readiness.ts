import "server-only";
import { setTimeout as delay } from "node:timers/promises";
import { ConfigurationError } from "@/lib/env";
import { log } from "@/lib/log";
import { pool } from "./clients";
import { type Migration, type MigrationKind, readMigrations } from "./migrations";

const POLL_MS = 1_000;
const POLLS_MAX = 120;
/** No such table, or no right to it yet: whoever migrates is not done. */
const NOT_THERE_YET = new Set(["42P01", "42501"]);

type Applied = ReadonlyMap<string, MigrationKind>;

/** Whether this build can work on a schema, given what was applied to it. */
export type Fit =
  | { readonly is: "current" | "newer" | "older" }
  | { readonly is: "contracted"; readonly by: string };

/**
 * Older: something that this build needs is missing, so it waits for whoever migrates. Newer is fine while
 * everything unknown only expands; what contracted took away something this build may use.
 */
export function fitOf(known: readonly Pick<Migration, "name">[], applied: Applied): Fit {
  const names = new Set(known.map(({ name }) => name));
  const unknown = [...applied].filter(([name]) => !names.has(name));
  const contracted = unknown.find(([, kind]) => kind !== "expands");
  if (contracted) return { is: "contracted", by: contracted[0] };
  if ([...names].some((name) => !applied.has(name))) return { is: "older" };
  return { is: unknown.length > 0 ? "newer" : "current" };
}

async function readApplied(): Promise<Applied> {
  try {
    const { rows } = await pool().query<{ name: string; kind: MigrationKind }>(
      "SELECT name, kind FROM applied_migration",
    );
    return new Map(rows.map(({ name, kind }) => [name, kind]));
  } catch (error) {
    if (NOT_THERE_YET.has((error as { code?: string }).code ?? "")) return new Map();
    throw error;
  }
}

/**
 * Waits until the schema is one that this build can work on.
 *
 * @throws {ConfigurationError} when a newer build contracted it, or nobody migrates within two minutes
 */
export async function awaitSchema(): Promise<void> {
  const known = await readMigrations();
  for (let poll = 0; poll < POLLS_MAX; poll++) {
    const fit = fitOf(known, await readApplied());
    if (fit.is === "contracted") {
      throw new ConfigurationError(
        `The database was changed by a newer version (${fit.by}), which this one can't work on; start that version.`,
      );
    }
    if (fit.is !== "older") return;
    if (poll === 0) log.info("waiting for the database to be migrated");
    await delay(POLL_MS);
  }
  throw new ConfigurationError(
    "The database is not migrated; set MIGRATION_DATABASE_URL or run `npm run migrate`.",
  );
}

/** Whether the schema is still one that this build can work on. */
export async function isSchemaFit(): Promise<boolean> {
  const { is } = fitOf(await readMigrations(), await readApplied());
  return is === "current" || is === "newer";
}

/** Of the role and of every role that it is a member of: membership is enough for SET ROLE. */
const ROLE_FACTS = `
  SELECT EXISTS (SELECT FROM pg_roles m WHERE pg_has_role(current_user, m.oid, 'MEMBER')
      AND (m.rolsuper OR m.rolbypassrls OR m.rolcreaterole OR m.rolcreatedb
        OR EXISTS (SELECT FROM pg_class WHERE relowner = m.oid))) AS is_powerful,
    EXISTS (SELECT FROM pg_namespace WHERE nspname IN ('public', 'pgboss')
      AND has_schema_privilege(current_user, oid, 'CREATE')) AS may_create,
    EXISTS (SELECT FROM pg_class WHERE relkind IN ('r', 'p')
      AND relnamespace IN (SELECT oid FROM pg_namespace WHERE nspname IN ('public', 'pgboss'))
      AND has_table_privilege(current_user, oid, 'TRUNCATE')) AS may_truncate,
    current_setting('statement_timeout') = '0' OR current_setting('lock_timeout') = '0'
      OR current_setting('idle_in_transaction_session_timeout') = '0' AS is_unlimited`;

type RoleFacts = Record<"is_powerful" | "may_create" | "may_truncate" | "is_unlimited", boolean>;

/**
 * Refuses a role for which row security is no fence (S13), or whose statements nothing ends (S30).
 *
 * @throws {ConfigurationError} saying what is wrong with the role of DATABASE_URL
 */
export async function assertApplicationRole(): Promise<void> {
  const { rows } = await pool().query<RoleFacts>(ROLE_FACTS);
  const facts = rows[0];
  if (!facts || facts.is_powerful || facts.may_create || facts.may_truncate) {
    throw new ConfigurationError(
      "DATABASE_URL names a role that can pass or change row security (superuser, BYPASSRLS, an owner, CREATE or TRUNCATE); README says how to make the application's.",
    );
  }
  if (facts.is_unlimited) {
    throw new ConfigurationError(
      "DATABASE_URL names a role without statement_timeout, lock_timeout and idle_in_transaction_session_timeout; README says how to set them.",
    );
  }
}
