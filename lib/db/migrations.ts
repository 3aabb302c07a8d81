import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

/** Older servers keep working after a migration that *expands* the schema, and fail after one that *contracts* it. */
export type MigrationKind = "expands" | "contracts";

export type Migration = { readonly name: string; readonly sql: string; readonly kind: MigrationKind };

/** `prisma/migrations` of the project that this process was started in. */
export const MIGRATIONS_FOLDER = join(process.cwd(), "prisma", "migrations");

/** @throws {Error} when a migration's first line doesn't say what it is */
export function kindOf(name: string, sql: string): MigrationKind {
  const kind = /^-- (expands|contracts): \S/.exec(sql)?.[1];
  if (!kind)
    throw new Error(`prisma/migrations/${name} must begin with "-- expands: …" or "-- contracts: …".`);
  return kind as MigrationKind;
}

/** The migrations of this build, in the order in which they are applied. */
export async function readMigrations(folder: string = MIGRATIONS_FOLDER): Promise<Migration[]> {
  const entries = await readdir(/* turbopackIgnore: true */ folder, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  return Promise.all(
    names.sort().map(async (name) => {
      const sql = await readFile(join(folder, name, "migration.sql"), "utf8");
      return { name, sql, kind: kindOf(name, sql) };
    }),
  );
}
