import pg from "pg";
import { ADVISORY_LOCKS } from "./advisory-locks";
import { type Migration, readMigrations } from "./migrations";
import { applyMigrations } from "./schema-engine";

const quoted = (identifier: string) => `"${identifier.replaceAll('"', '""')}"`;

/** Part of the migration's own transaction, so that a server can't meet what contracted without being told. */
const recordOf = ({ name, kind }: Migration) =>
  `INSERT INTO applied_migration (name, kind) VALUES (${pg.escapeLiteral(name)}, '${kind}')`;

/**
 * What failed or was killed is tried again, for nothing of it was applied, unless its record says that all of it
 * was. The engine by itself would refuse to migrate ever after (P3009).
 */
async function settleUnfinished(owner: pg.Client): Promise<void> {
  const exists = async (table: string) =>
    (await owner.query("SELECT FROM pg_class WHERE oid = to_regclass($1)", [table])).rowCount === 1;
  const unfinished = "finished_at IS NULL AND rolled_back_at IS NULL";
  if (!(await exists("_prisma_migrations"))) return;
  if (await exists("applied_migration")) {
    await owner.query(
      `UPDATE _prisma_migrations SET finished_at = now(), applied_steps_count = 1
       WHERE ${unfinished} AND migration_name IN (SELECT name FROM applied_migration)`,
    );
  }
  await owner.query(`UPDATE _prisma_migrations SET rolled_back_at = now() WHERE ${unfinished}`);
}

/** For what the Prisma CLI applied. */
async function recordKinds(owner: pg.Client, migrations: readonly Migration[]): Promise<void> {
  for (const { name, kind } of migrations) {
    await owner.query(
      "INSERT INTO applied_migration (name, kind) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING",
      [name, kind],
    );
  }
}

/** Rows, and nothing else: no TRUNCATE, no REFERENCES, no TRIGGER, and no writing of the migrations' own tables. */
async function grantRows(owner: pg.Client, applicationRole: string): Promise<void> {
  const role = quoted(applicationRole);
  await owner.query(`GRANT USAGE ON SCHEMA public TO ${role}`);
  await owner.query(`GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO ${role}`);
  await owner.query(`REVOKE ALL ON _prisma_migrations FROM ${role}`);
  await owner.query(`REVOKE INSERT, UPDATE, DELETE ON applied_migration FROM ${role}`);
}

/**
 * Brings the tables to what this build knows, under a lock, so that several processes may start at once.
 *
 * @param ownerUrl address of the role that owns the tables
 * @param applicationRole the role that is given the rows
 * @param alsoWhileLocked what else belongs to the schema, such as the job queue's own
 * @returns the names that were applied now
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
    await owner.query("SELECT pg_advisory_lock($1)", [ADVISORY_LOCKS.migrations]);
    await settleUnfinished(owner);
    const applied = await applyMigrations(ownerUrl, all, recordOf);
    await recordKinds(owner, all);
    await grantRows(owner, applicationRole);
    await alsoWhileLocked();
    return applied;
  } finally {
    await owner.end();
  }
}
