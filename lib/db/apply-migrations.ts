import pg from "pg";
import type { Migration } from "./migrations";
import { runOnline } from "./online-migration";

/** Returns the names in `applied_migration`, which the first migration creates. */
async function readApplied(owner: pg.ClientBase): Promise<Set<string>> {
  const table = await owner.query("SELECT FROM pg_class WHERE oid = to_regclass('applied_migration')");
  if (!table.rowCount) return new Set();
  const { rows } = await owner.query<{ name: string }>("SELECT name FROM applied_migration");
  return new Set(rows.map(({ name }) => name));
}

const recordOf = ({ name, kind }: Migration) =>
  `INSERT INTO applied_migration (name, kind) VALUES (${pg.escapeLiteral(name)}, ${pg.escapeLiteral(kind)})`;

/**
 * Applies the migrations that `applied_migration` does not list, in the given order. A migration and its record are one
 * transaction, so that no server meets a contracted schema without the record. Stepwise migrations are recorded after
 * their last statement and repeated after a crash.
 *
 * @param owner connection of the role that owns the tables; the caller prevents concurrent calls
 * @returns the names that were applied now
 * @throws {Error} with the name of the migration that failed and PostgreSQL's message
 */
export async function applyMigrations(
  owner: pg.ClientBase,
  migrations: readonly Migration[],
): Promise<string[]> {
  const applied = await readApplied(owner);
  const due = migrations.filter(({ name }) => !applied.has(name));
  for (const migration of due) {
    await runOnline(migration, recordOf(migration), (sql) => owner.query(sql)).catch((cause: Error) => {
      throw new Error(`The migration ${migration.name} failed: ${cause.message}`, { cause });
    });
  }
  return due.map(({ name }) => name);
}
