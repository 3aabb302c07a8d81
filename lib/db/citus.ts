import "server-only";
import pg from "pg";
import { ConfigurationError } from "@/lib/env";
import { pool } from "./connection-pools";
import { isStepwise, statementsOf } from "./online-migration";

/**
 * Tables copied to every node, because they are queried by user. `sessions` is not: a write would involve every node.
 */
const REFERENCE_TABLES = ["organization_ids", "users", "memberships"];

const IS_LOCAL = `relkind = 'r' AND relnamespace = 'public'::regnamespace
  AND NOT EXISTS (SELECT FROM pg_dist_partition WHERE logicalrelid = c.oid)`;

const IS_REFERENCE = `relname IN (${REFERENCE_TABLES.map((name) => `'${name}'`).join(", ")})`;

/** Distributes local tables by their `organization_id`, and reference tables to all nodes. Others stay local. */
const DISTRIBUTE_NEW_TABLES = `
  PERFORM create_reference_table(c.oid) FROM pg_class c WHERE ${IS_LOCAL} AND ${IS_REFERENCE};
  PERFORM create_distributed_table(c.oid, 'organization_id') FROM pg_class c
    WHERE ${IS_LOCAL} AND NOT ${IS_REFERENCE} AND EXISTS
      (SELECT FROM pg_attribute WHERE attrelid = c.oid AND attname = 'organization_id' AND NOT attisdropped);`;

/** Citus accepts only immutable casts of enums to text. PostgreSQL's cast is stable, because a value can be renamed. */
const CAST_ENUMS = `
  FOR enum IN SELECT y.oid::regtype AS type FROM pg_type y
    WHERE typtype = 'e' AND typnamespace = 'public'::regnamespace
    AND NOT EXISTS (SELECT FROM pg_cast WHERE castsource = y.oid AND casttarget = 'text'::regtype)
  LOOP
    EXECUTE format('CREATE FUNCTION text_of(%s) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
      RETURN enum_out($1)::text', enum.type);
    EXECUTE format('CREATE CAST (%s AS text) WITH FUNCTION text_of(%1$s) AS ASSIGNMENT', enum.type);
  END LOOP;`;

const UNDISTRIBUTED_TABLES = `
  SELECT relname AS name FROM pg_class c WHERE ${IS_LOCAL} AND (${IS_REFERENCE} OR EXISTS
    (SELECT FROM pg_attribute WHERE attrelid = c.oid AND attname = 'organization_id' AND NOT attisdropped))`;

/** Distributes tables with rows. Row security would hide these, and foreign keys may not lead to local tables. */
const DISTRIBUTE_FILLED_TABLES = `
DO $distribute$ DECLARE enum record; each record; keys text[]; forced text[]; statement text; BEGIN
  PERFORM set_config('citus.multi_shard_modify_mode', 'sequential', true);
  SELECT coalesce(array_agg(format('ALTER TABLE %s ADD CONSTRAINT %I %s', conrelid::regclass, conname,
      replace(pg_get_constraintdef(oid), ' ON UPDATE CASCADE', ''))), '{}') INTO keys
    FROM pg_constraint WHERE contype = 'f' AND connamespace = 'public'::regnamespace;
  SELECT coalesce(array_agg(oid::regclass::text), '{}') INTO forced
    FROM pg_class WHERE relforcerowsecurity AND relkind = 'r' AND relnamespace = 'public'::regnamespace;
  FOR each IN SELECT conrelid::regclass AS name, conname FROM pg_constraint
    WHERE contype = 'f' AND connamespace = 'public'::regnamespace
  LOOP EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', each.name, each.conname); END LOOP;
  FOREACH statement IN ARRAY forced
  LOOP EXECUTE format('ALTER TABLE %s NO FORCE ROW LEVEL SECURITY', statement); END LOOP;
  ${CAST_ENUMS}
  ${DISTRIBUTE_NEW_TABLES}
  FOREACH statement IN ARRAY keys LOOP EXECUTE statement; END LOOP;
  FOREACH statement IN ARRAY forced
  LOOP EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', statement); END LOOP;
END $distribute$`;

/** Distributing a table leaves an unused copy of its rows on the coordinator. */
const TRUNCATE_LOCAL_COPIES = `
  SELECT truncate_local_data_after_distributing_table(c.oid) FROM pg_class c JOIN pg_dist_partition ON logicalrelid = c.oid
  WHERE relnamespace = 'public'::regnamespace AND pg_relation_size(c.oid) > 0`;

/**
 * Returns a migration as Citus accepts it: new tables are distributed while empty and before their foreign keys. A
 * block executes each statement alone, because Citus sends the whole text around a statement to its nodes.
 */
export function distributeNewTables(sql: string): string {
  if (isStepwise(sql)) return sql;
  const statements = statementsOf(sql).map((statement) => {
    // Citus forbids updates of the distribution column. IDs never change, so the clause is not needed.
    const accepted = statement.replaceAll(" ON UPDATE CASCADE", "");
    return `EXECUTE ${pg.escapeLiteral(accepted)};`;
  });
  const firstKey = statements.findIndex((statement) => statement.includes("FOREIGN KEY"));
  statements.splice(firstKey < 0 ? statements.length : firstKey, 0, CAST_ENUMS, DISTRIBUTE_NEW_TABLES);
  return [
    "DO $migration$ DECLARE enum record; BEGIN",
    // A new type is visible only on the connection that created it, so each node gets one connection.
    "PERFORM set_config('citus.multi_shard_modify_mode', 'sequential', true);",
    ...statements,
    "END $migration$;",
  ].join("\n");
}

export async function isDistributed(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url });
  client.on("error", () => {});
  await client.connect();
  try {
    return (await client.query("SELECT FROM pg_extension WHERE extname = 'citus'")).rowCount === 1;
  } finally {
    await client.end();
  }
}

/**
 * Distributes the tables of a migrated database, in one transaction that locks all of them.
 * @param url the owner's address
 * @returns the names of the distributed tables
 */
export async function distributeTables(url: string): Promise<string[]> {
  const client = new pg.Client({ connectionString: url });
  client.on("error", () => {});
  await client.connect();
  try {
    const { rows } = await client.query<{ name: string }>(`${UNDISTRIBUTED_TABLES} ORDER BY 1`);
    if (rows.length > 0) await client.query(DISTRIBUTE_FILLED_TABLES);
    // Outside the transaction, because truncating can't be rolled back.
    await client.query(TRUNCATE_LOCAL_COPIES);
    return rows.map(({ name }) => name);
  } finally {
    await client.end();
  }
}

/** Returns the address with DDL propagation off: tables created over it stay on the coordinator. */
export function withoutPropagation(url: string): string {
  const address = new URL(url);
  address.searchParams.set("options", "-c citus.enable_ddl_propagation=off");
  return address.href;
}

const IS_SET_NOT_PROPAGATED = `
  SELECT FROM pg_extension WHERE extname = 'citus'
  AND current_setting('citus.propagate_set_commands', true) IS DISTINCT FROM 'local'`;

/** Rejects a distributed database whose nodes don't receive the scope: row security would hide every row. */
export async function assertSettingsReachNodes(): Promise<void> {
  if ((await pool().query(IS_SET_NOT_PROPAGATED)).rowCount === 0) return;
  throw new ConfigurationError(
    "DATABASE_URL names a role without citus.propagate_set_commands = 'local' on a distributed database; README describes how to set it.",
  );
}
