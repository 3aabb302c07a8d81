import { readFile } from "node:fs/promises";
import { PrismaPg } from "@prisma/adapter-pg";
import { bindMigrationAwareSqlAdapterFactory } from "@prisma/driver-adapter-utils";
import { SchemaEngine } from "@prisma/schema-engine-wasm";
import pg from "pg";

/**
 * Returns the SQL that creates the tables of `schema.prisma` in an empty database. `prisma migrate diff` returns the same,
 * but downloads a native engine from a host that many networks block. This engine is WebAssembly in an npm package.
 *
 * @param connectionString any PostgreSQL database, from which the engine reads only the version
 */
export async function sqlOfSchema(connectionString: string): Promise<string> {
  const content = await readFile("prisma/schema.prisma", "utf8");
  const pool = new pg.Pool({ connectionString });
  try {
    const adapter = bindMigrationAwareSqlAdapterFactory(new PrismaPg(pool));
    const engine = await SchemaEngine.new({ datamodels: undefined }, () => {}, adapter);
    const { stdout } = await engine.diff({
      from: { tag: "empty" },
      to: { tag: "schemaDatamodel", files: [{ path: "schema.prisma", content }] },
      script: true,
      exitCode: null,
      filters: { externalTables: [], externalEnums: [] },
    });
    if (stdout === null) throw new Error("Prisma's schema engine returned no SQL.");
    return stdout;
  } finally {
    await pool.end();
  }
}
