import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { PrismaPg } from "@prisma/adapter-pg";
import { bindMigrationAwareSqlAdapterFactory } from "@prisma/driver-adapter-utils";
import type { SchemaEngine } from "@prisma/schema-engine-wasm";
import type { Migration } from "./migrations";

const FILTERS = { externalTables: [], externalEnums: [] };

const require = createRequire(import.meta.url);

/**
 * Prisma's adapter, which cuts a script at every `;`, in comments and strings too, and runs the pieces on
 * any connection of its pool. Given whole, PostgreSQL runs a script as one transaction: all or nothing.
 */
function wholeScripts(connectionString: string, opened: { dispose(): Promise<void> }[]): PrismaPg {
  const factory = new PrismaPg({ connectionString, allowExitOnIdle: true });
  const connect = factory.connect.bind(factory);
  factory.connect = async () => {
    const adapter = await connect();
    opened.push(adapter);
    const driver = adapter.underlyingDriver() as { query(sql: string): Promise<unknown> };
    adapter.executeScript = async (script) => {
      await driver.query(script);
    };
    return adapter;
  };
  return factory;
}

/**
 * Prisma's own schema engine, compiled to WebAssembly: the native one is fetched from a host that
 * many networks don't reach. It keeps `_prisma_migrations` as the Prisma CLI does.
 */
async function withEngine<T>(
  { connectionString, schema }: { connectionString: string; schema?: string },
  work: (engine: SchemaEngine) => Promise<T>,
): Promise<T> {
  // The package's own entry is for bundlers; what Node needs lies beside it.
  const entry = require.resolve("@prisma/schema-engine-wasm/schema_engine_bg");
  const glue = (await import(entry)) as typeof import("@prisma/schema-engine-wasm") & {
    __wbg_set_wasm(exports: WebAssembly.Exports): void;
  };
  const bytes = await readFile(entry.replace(/\.js$/, ".wasm"));
  const { instance } = await WebAssembly.instantiate(bytes, { "./schema_engine_bg.js": glue });
  glue.__wbg_set_wasm(instance.exports);
  (instance.exports as { __wbindgen_start(): void }).__wbindgen_start();
  const opened: { dispose(): Promise<void> }[] = [];
  const factory = bindMigrationAwareSqlAdapterFactory(wholeScripts(connectionString, opened));
  const datamodels: [string, string][] | undefined =
    schema === undefined ? undefined : [["schema.prisma", schema]];
  try {
    return await work(await glue.SchemaEngine.new({ datamodels }, () => {}, factory));
  } finally {
    await Promise.all(opened.map((adapter) => adapter.dispose()));
  }
}

/** The SQL that makes an empty database what `schema` says. */
export function sqlOfSchema(connectionString: string, schema: string): Promise<string> {
  return withEngine({ connectionString, schema }, async (engine) => {
    const { stdout } = (await engine.diff({
      from: { tag: "empty" },
      to: { tag: "schemaDatamodel", files: [{ path: "schema.prisma", content: schema }] },
      script: true,
      exitCode: null,
      shadowDatabaseUrl: null,
      filters: FILTERS,
    } as never)) as { stdout: string | null };
    return stdout ?? "";
  });
}

/**
 * Applies what is not applied yet, in the order of the names, as `prisma migrate deploy` does.
 *
 * @returns the names that were applied now
 */
export function applyMigrations(
  connectionString: string,
  migrations: readonly Pick<Migration, "name" | "sql">[],
): Promise<string[]> {
  return withEngine({ connectionString }, async (engine) => {
    const { appliedMigrationNames } = await engine.applyMigrations({
      migrationsList: {
        baseDir: "prisma/migrations",
        lockfile: { path: "migration_lock.toml", content: 'provider = "postgresql"\n' },
        shadowDbInitScript: "",
        migrationDirectories: migrations.map(({ name, sql }) => ({
          path: name,
          migrationFile: { path: "migration.sql", content: { tag: "ok", value: sql } },
        })),
      },
      filters: FILTERS,
    });
    return appliedMigrationNames;
  });
}
