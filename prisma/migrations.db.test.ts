import { randomBytes, randomUUID } from "node:crypto";
import pg from "pg";
import { beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { applyMigrations } from "@/lib/db/apply-migrations";
import { type Migration, readMigrations } from "@/lib/db/migrations";
import { isStepwise } from "@/lib/db/online-migration";
import { sqlOfSchema } from "./sql-of-schema";

const { TEST_ADMIN_URL = "", MIGRATION_DATABASE_URL = "" } = process.env;
const ORGANIZATIONS = [randomUUID(), randomUUID()];
const ROWS_EACH = 2;

/** Values for columns with a check: SQL for row `k` by `table.column`. */
const PARTICULAR: Readonly<Record<string, (k: number) => string>> = {};

let migrations: Migration[];

beforeAll(async () => {
  migrations = await readMigrations();
});

const inDatabase = (url: string, database: string) =>
  Object.assign(new URL(url), { pathname: `/${database}` }).href;

async function open(connectionString: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  onTestFinished(() => client.end());
  return client;
}

type Database = {
  readonly admin: pg.Client;
  readonly ownerUrl: string;
  /** Applies another migration as the owner. */
  readonly apply: (migration: Migration) => Promise<void>;
};

async function makeDatabase(): Promise<Database> {
  const name = `${randomBytes(6).toString("hex")}_test`;
  const maker = await open(TEST_ADMIN_URL);
  await maker.query(`CREATE DATABASE "${name}" OWNER dingkeep_owner`);
  const ownerUrl = inDatabase(MIGRATION_DATABASE_URL, name);
  const owner = await open(ownerUrl);
  const applied: Migration[] = [];
  const apply = async (migration: Migration) => {
    applied.push(migration);
    await applyMigrations(owner, applied);
  };
  return { admin: await open(inDatabase(TEST_ADMIN_URL, name)), ownerUrl, apply };
}

type Column = {
  readonly table: string;
  readonly name: string;
  readonly type: string;
  readonly label: string | null;
};
type Key = {
  readonly table: string;
  readonly target: string;
  readonly columns: string[];
  readonly targets: string[];
};
type Row = Readonly<Record<string, string>>;

const OURS = "c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace";

const columnsOf = async (admin: pg.Client) =>
  (
    await admin.query<Column>(`
      SELECT c.relname AS table, a.attname AS name, format_type(a.atttypid, NULL) AS type,
        (SELECT enumlabel FROM pg_enum WHERE enumtypid = a.atttypid ORDER BY enumsortorder LIMIT 1) AS label
      FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
      WHERE ${OURS} AND attnum > 0 AND NOT attisdropped AND attgenerated = '' AND attidentity = ''
      ORDER BY c.relname, attnum`)
  ).rows;

const keysOf = async (admin: pg.Client) =>
  (
    await admin.query<Key>(`
      SELECT c.relname AS table, confrelid::regclass::text AS target,
        array(SELECT attname::text FROM unnest(conkey) WITH ORDINALITY k(n, i) JOIN pg_attribute ON attrelid = conrelid AND attnum = n ORDER BY i) AS columns,
        array(SELECT attname::text FROM unnest(confkey) WITH ORDINALITY k(n, i) JOIN pg_attribute ON attrelid = confrelid AND attnum = n ORDER BY i) AS targets
      FROM pg_constraint k JOIN pg_class c ON c.oid = conrelid WHERE contype = 'f' AND ${OURS}`)
  ).rows;

function valueOf({ table, name, type, label }: Column, k: number): string {
  const particular = PARTICULAR[`${table}.${name}`];
  if (particular) return particular(k);
  if (name === "organization_id" || (table === "organization_ids" && name === "id"))
    return `'${ORGANIZATIONS[k % ORGANIZATIONS.length]}'`;
  if (label !== null) return `'${label}'`;
  if (type === "uuid") return `'${randomUUID()}'`;
  if (type === "boolean") return "false";
  if (type === "bytea") return `'\\x${k.toString(16).padStart(2, "0")}'`;
  if (type.endsWith("[]")) return "'{}'";
  if (/^jsonb?$/.test(type)) return "'{}'";
  if (/^(timestamp|date)/.test(type)) return `'2026-01-0${k + 1}T00:00:00Z'`;
  if (/^(integer|bigint|smallint|numeric|real|double precision)$/.test(type)) return String(k + 1);
  if (/^(text|character)/.test(type)) return `'${name} ${k}'`;
  throw new Error(`${table}.${name} is of type ${type}, which this test has no value for`);
}

/** Tables in an order in which each comes after those that its keys lead to. */
function inOrder(tables: readonly string[], keys: readonly Key[]): string[] {
  const ordered: string[] = [];
  const visit = (table: string, from: readonly string[]) => {
    if (ordered.includes(table) || from.includes(table)) return;
    for (const key of keys.filter((key) => key.table === table)) visit(key.target, [...from, table]);
    ordered.push(table);
  };
  for (const table of tables) visit(table, []);
  return ordered;
}

/** Gives each table that has none some rows of both organizations, as a superuser: past row security. */
async function fill(admin: pg.Client, filled: Map<string, Row[]>): Promise<void> {
  const columns = await columnsOf(admin);
  const keys = await keysOf(admin);
  const tables = inOrder([...new Set(columns.map(({ table }) => table))], keys);
  for (const table of tables.filter((name) => !filled.has(name))) {
    const rows: Row[] = [];
    filled.set(table, rows);
    for (let k = 0; k < ORGANIZATIONS.length * ROWS_EACH; k++) {
      const row: Record<string, string> = {};
      for (const column of columns.filter((column) => column.table === table))
        row[column.name] = valueOf(column, k);
      for (const key of keys.filter((key) => key.table === table)) {
        const target = key.target === table ? row : filled.get(key.target)?.[k];
        key.columns.forEach((name, at) => {
          row[name] = target?.[key.targets[at] ?? ""] ?? "NULL";
        });
      }
      const { rowCount } = await admin.query(
        `INSERT INTO "${table}" (${Object.keys(row)
          .map((name) => `"${name}"`)
          .join(", ")})
         VALUES (${Object.values(row).join(", ")}) ON CONFLICT DO NOTHING`,
      );
      // A table with one row per organization has no second row, so references to it use the first.
      rows.push(rowCount === 1 ? row : (rows[k % ORGANIZATIONS.length] ?? row));
    }
  }
}

/** Counts the rows of each organization in each table, with `all` for tables without organizations. */
async function count(admin: pg.Client): Promise<Map<string, number>> {
  const columns = await columnsOf(admin);
  const counts = new Map<string, number>();
  for (const table of new Set(columns.map(({ table }) => table))) {
    const isTenants = columns.some((column) => column.table === table && column.name === "organization_id");
    const owner = isTenants ? "organization_id::text" : "'all'";
    const { rows } = await admin.query<{ owner: string; rows: number }>(
      `SELECT ${owner} AS owner, count(*)::int AS rows FROM "${table}" GROUP BY 1`,
    );
    for (const row of rows) counts.set(`${table} of ${row.owner}`, row.rows);
  }
  return counts;
}

const lost = (before: ReadonlyMap<string, number>, after: ReadonlyMap<string, number>) =>
  [...before].filter(([what, rows]) => (after.get(what) ?? 0) < rows).map(([what]) => what);

/** Lists foreign keys that rows violate, because row security hid the rows when the key was added. */
async function brokenKeys(admin: pg.Client): Promise<string[]> {
  const broken: string[] = [];
  for (const { table, target, columns, targets } of await keysOf(admin)) {
    const join = columns.map((name, at) => `f."${name}" = t."${targets[at]}"`).join(" AND ");
    const isSet = columns.map((name) => `f."${name}" IS NOT NULL`).join(" AND ");
    const { rowCount } = await admin.query(
      `SELECT FROM "${table}" f WHERE ${isSet} AND NOT EXISTS (SELECT FROM ${target} t WHERE ${join})`,
    );
    if (rowCount) broken.push(`${table} to ${target}`);
  }
  return broken;
}

/** Removes the bodies of procedures, which change rows when called and not during the migration. */
const withoutBodies = (sql: string) =>
  sql.replaceAll(/^CREATE (?:FUNCTION|PROCEDURE)[^]*?\$\$[^]*?\$\$;$/gm, "");
/** Matches statements that change or check rows, which FORCE ROW LEVEL SECURITY would hide. */
const TOUCHES_ROWS = /^\s*(?:UPDATE|DELETE|MERGE|INSERT[^;]*SELECT)\b|\bVALIDATE CONSTRAINT\b/im;

describe("migrations of a database with two organizations", () => {
  test("migrations keep every row of both organizations and break no foreign key", async () => {
    const { admin, apply } = await makeDatabase();
    const filled = new Map<string, Row[]>();
    for (const migration of migrations) {
      const before = await count(admin);
      await apply(migration);
      expect(lost(before, await count(admin)), migration.name).toEqual([]);
      expect(await brokenKeys(admin), migration.name).toEqual([]);
      await fill(admin, filled);
    }

    const full = await count(admin);
    for (const id of ORGANIZATIONS) expect(full.get(`memberships of ${id}`)).toBe(ROWS_EACH);
  });

  test("rejects a migration that loses rows or breaks a foreign key", async () => {
    const { admin, apply } = await makeDatabase();
    for (const migration of migrations) await apply(migration);
    await fill(admin, new Map());
    const before = await count(admin);
    const [first] = ORGANIZATIONS;
    const broken = `-- contracts: for this test
      ALTER TABLE memberships NO FORCE ROW LEVEL SECURITY;
      DELETE FROM memberships WHERE organization_id = '${first}';
      ALTER TABLE memberships FORCE ROW LEVEL SECURITY;
      ALTER TABLE sessions DROP CONSTRAINT sessions_user_id_fkey;
      ALTER TABLE sessions NO FORCE ROW LEVEL SECURITY;
      UPDATE sessions SET user_id = id;
      ALTER TABLE sessions FORCE ROW LEVEL SECURITY;
      ALTER TABLE sessions ADD CONSTRAINT sessions_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id);`;
    await apply({ name: "29990101000000_broken", kind: "contracts", sql: broken });

    expect(lost(before, await count(admin))).toEqual([`memberships of ${first}`]);
    expect(await brokenKeys(admin)).toEqual(["sessions to users"]);
  });

  test("S13 migrations that change rows lift FORCE ROW LEVEL SECURITY, because they would silently change none", () => {
    // The runner lifts it for a migration that only validates and builds indexes.
    const wrong = migrations.filter(
      ({ sql }) =>
        TOUCHES_ROWS.test(withoutBodies(sql)) &&
        !isStepwise(sql) &&
        !/NO FORCE ROW LEVEL SECURITY/i.test(sql),
    );
    expect(wrong.map(({ name }) => name)).toEqual([]);
    for (const sql of ["UPDATE app SET a = 1;", "x;\n  delete from app;", "INSERT INTO a (b)\nSELECT 1;"])
      expect(TOUCHES_ROWS.test(withoutBodies(sql)), sql).toBe(true);
    const called = "CREATE PROCEDURE f() LANGUAGE sql AS $$\n  DELETE FROM app;\n$$;";
    expect(withoutBodies(`${called}\nUPDATE app SET a = 1;`).trim()).toBe("UPDATE app SET a = 1;");
  });
});

/** Describes a schema, except row security and checks, which Prisma does not support. */
async function catalogOf(admin: pg.Client): Promise<string[]> {
  const ours = "c.relnamespace = 'public'::regnamespace";
  const { rows } = await admin.query<{ fact: string }>(`
    SELECT concat_ws(' ', c.relname, attname, format_type(atttypid, atttypmod),
      CASE WHEN attnotnull THEN 'not null' END, pg_get_expr(adbin, adrelid), nullif(attidentity, ''), nullif(attgenerated, '')) AS fact
    FROM pg_class c JOIN pg_attribute a ON attrelid = c.oid LEFT JOIN pg_attrdef ON adrelid = c.oid AND adnum = attnum
    WHERE ${ours} AND relkind IN ('r', 'p') AND attnum > 0 AND NOT attisdropped
    UNION ALL
    SELECT pg_get_indexdef(indexrelid) FROM pg_index i JOIN pg_class c ON c.oid = indrelid
    WHERE ${ours} AND indpred IS NULL AND indexprs IS NULL
    UNION ALL
    SELECT concat_ws(' ', c.relname, conname, pg_get_constraintdef(k.oid))
    FROM pg_constraint k JOIN pg_class c ON c.oid = conrelid WHERE ${ours} AND contype IN ('p', 'u', 'f')
    UNION ALL
    SELECT concat_ws(' ', typname, string_agg(enumlabel, ', ' ORDER BY enumsortorder))
    FROM pg_type t JOIN pg_enum ON enumtypid = t.oid WHERE typnamespace = 'public'::regnamespace GROUP BY typname
    ORDER BY 1`);
  return rows.map(({ fact }) => fact);
}

describe("drift between schema and migrations", () => {
  test("finds no difference in tables, columns, defaults, indexes and keys", async () => {
    const { admin, ownerUrl } = await makeDatabase();
    const owner = await open(ownerUrl);
    await owner.query(await sqlOfSchema(ownerUrl));
    const schema = await catalogOf(admin);

    expect(await catalogOf(await open(TEST_ADMIN_URL))).toEqual(schema);
    expect(schema).toContain("organization time_zone text not null 'Asia/Shanghai'::text");
  });

  test.each([
    "ALTER TABLE users ADD COLUMN more text",
    "ALTER TABLE users ALTER COLUMN password_hash SET NOT NULL",
    "ALTER TABLE users ALTER COLUMN created_at DROP DEFAULT",
    "ALTER TABLE users ALTER COLUMN created_at TYPE timestamptz(6)",
    "DROP INDEX sessions_user_id_idx",
    "ALTER TABLE sessions DROP CONSTRAINT sessions_user_id_fkey",
    `ALTER TYPE "Role" ADD VALUE 'guest'`,
  ])("detects the drift of the statement %s", async (statement) => {
    const admin = await open(TEST_ADMIN_URL);
    const before = await catalogOf(admin);
    await admin.query("BEGIN");
    await admin.query(statement);
    expect(await catalogOf(admin)).not.toEqual(before);
    await admin.query("ROLLBACK");
  });
});
