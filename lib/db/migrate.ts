import pg from "pg";
import { type Migration, readMigrations } from "./migrations";
import { applyMigrations } from "./schema-engine";

/** "Dingkeep migrates", as a number that no other user of the database takes by accident. */
const LOCK_KEY = 7_234_019_442;

const quoted = (identifier: string) => `"${identifier.replaceAll('"', '""')}"`;

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
  await owner.connect();
  try {
    await owner.query("SELECT pg_advisory_lock($1)", [LOCK_KEY]);
    const applied = await applyMigrations(ownerUrl, all);
    await recordKinds(owner, all);
    await grantRows(owner, applicationRole);
    await alsoWhileLocked();
    return applied;
  } finally {
    await owner.end();
  }
}
