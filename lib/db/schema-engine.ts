import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { PrismaPg } from "@prisma/adapter-pg";
import { bindMigrationAwareSqlAdapterFactory } from "@prisma/driver-adapter-utils";
import type { SchemaEngine } from "@prisma/schema-engine-wasm";
import { processWide } from "@/lib/process-wide";
import type { Migration } from "./migrations";
import { runOnline } from "./online-migration";

const FILTERS = { externalTables: [], externalEnums: [] };

const require = createRequire(import.meta.url);

type Opened = { dispose(): Promise<void> };
type Glue = typeof import("@prisma/schema-engine-wasm") & {
  __wbg_set_wasm(exports: WebAssembly.Exports): void;
};

/** Loaded once: the glue holds one instance, and a second would take it from work that runs in the first. */
async function loadEngine(): Promise<Glue> {
  // The package's own entry is for bundlers; what Node needs lies beside it.
  const entry = require.resolve("@prisma/schema-engine-wasm/schema_engine_bg");
  const glue = (await import(entry)) as Glue;
  const bytes = await readFile(entry.replace(/\.js$/, ".wasm"));
  const { instance } = await WebAssembly.instantiate(bytes, { "./schema_engine_bg.js": glue });
  glue.__wbg_set_wasm(instance.exports);
  (instance.exports as { __wbindgen_start(): void }).__wbindgen_start();
  return glue;
}

type Query = (sql: string) => Promise<{ readonly rowCount: number | null }>;
type RunScript = (script: string, query: Query) => Promise<unknown>;

/**
 * Prisma's adapter, which cuts a script at every `;`, in comments and strings too, and runs the pieces on
 * any connection of its pool. Given whole, PostgreSQL runs a script as one transaction: all or nothing.
 */
function wholeScripts(connectionString: string, opened: Opened[], runScript: RunScript): PrismaPg {
  const factory = new PrismaPg({ connectionString, allowExitOnIdle: true });
  const connect = factory.connect.bind(factory);
  factory.connect = async () => {
    const adapter = await connect();
    opened.push(adapter);
    const driver = adapter.underlyingDriver() as { query: Query };
    adapter.executeScript = async (script) => {
      await runScript(script, (sql) => driver.query(sql));
    };
    return adapter;
  };
  return factory;
}

type EngineOptions = {
  readonly connectionString: string;
  readonly schema?: string;
  readonly runScript?: RunScript;
};

/**
 * Prisma's own schema engine, compiled to WebAssembly: the native one is fetched from a host that
 * many networks don't reach. It keeps `_prisma_migrations` as the Prisma CLI does.
 */
async function withEngine<T>(
  { connectionString, schema, runScript = (script, query) => query(script) }: EngineOptions,
  work: (engine: SchemaEngine) => Promise<T>,
): Promise<T> {
  const glue = await processWide("db.schemaEngine", loadEngine);
  const opened: Opened[] = [];
  const factory = bindMigrationAwareSqlAdapterFactory(wholeScripts(connectionString, opened, runScript));
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
 * Applies what is not applied yet, in the order of the names, as `prisma migrate deploy` does. Each is one
 * transaction: all of it and `alsoInIt`, or nothing. Indexes that are built concurrently are the exception.
 *
 * @param alsoInIt SQL that belongs to a migration without being in its file
 * @returns the names that were applied now
 * @throws {Error} naming the migration that failed and what PostgreSQL said
 */
export async function applyMigrations<M extends Pick<Migration, "name" | "sql">>(
  connectionString: string,
  migrations: readonly M[],
  alsoInIt: (migration: M) => string = () => "",
): Promise<string[]> {
  let failure: Error | undefined;
  const runScript: RunScript = async (script, query) => {
    const migration = migrations.find(({ sql }) => sql === script);
    if (!migration) return query(script);
    return runOnline(migration, alsoInIt(migration), query).catch((cause: Error) => {
      // The engine makes a number of it.
      failure = new Error(`The migration ${migration.name} failed: ${cause.message}`, { cause });
      throw cause;
    });
  };
  try {
    return await withEngine({ connectionString, runScript }, async (engine) => {
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
  } catch (error) {
    throw failure ?? error;
  }
}
