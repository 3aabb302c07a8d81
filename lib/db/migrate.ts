import { setTimeout as delay } from "node:timers/promises";
import pg from "pg";
import { ADVISORY_LOCKS } from "./advisory-locks";
import { applyMigrations } from "./apply-migrations";
import { type Migration, readMigrations } from "./migrations";

const LOCK_POLL_MS = 200;

/**
 * Waits until no other process migrates. Polls, because CREATE INDEX CONCURRENTLY waits for all running statements:
 * a process that waits in `pg_advisory_lock` and the one that builds an index would wait for each other.
 */
async function lockMigrations(owner: pg.Client): Promise<void> {
  const tryLock = "SELECT FROM pg_try_advisory_lock($1) AS locked WHERE locked";
  while (!(await owner.query(tryLock, [ADVISORY_LOCKS.migrations])).rowCount) await delay(LOCK_POLL_MS);
}

const quoted = (identifier: string) => `"${identifier.replaceAll('"', '""')}"`;

/** Grants the application rows only: no TRUNCATE, REFERENCES or TRIGGER, and no writes to `applied_migration`. */
async function grantRows(owner: pg.Client, applicationRole: string): Promise<void> {
  const role = quoted(applicationRole);
  await owner.query(`GRANT USAGE ON SCHEMA public TO ${role}`);
  await owner.query(`GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO ${role}`);
  await owner.query(`REVOKE INSERT, UPDATE, DELETE ON applied_migration FROM ${role}`);
}

/**
 * Migrates the database to this build, under a lock, so that several processes may start at once.
 *
 * @param ownerUrl address of the role that owns the tables
 * @param applicationRole role that receives the rights on rows
 * @param alsoWhileLocked further work on the schema, such as installing the job queue
 * @returns the names that were applied now
 * @throws {Error} with the name of the migration that failed and PostgreSQL's message
 */
export async function migrate(
  ownerUrl: string,
  applicationRole: string,
  alsoWhileLocked: () => Promise<void>,
  migrations?: readonly Migration[],
): Promise<string[]> {
  const all = migrations ?? (await readMigrations());
  const owner = new pg.Client({ connectionString: ownerUrl });
  // A connection that breaks fails the statement after it; without a listener it ends the process.
  owner.on("error", () => {});
  await owner.connect();
  try {
    await lockMigrations(owner);
    const applied = await applyMigrations(owner, all);
    await grantRows(owner, applicationRole);
    await alsoWhileLocked();
    return applied;
  } finally {
    await owner.end();
  }
}
