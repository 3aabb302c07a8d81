import "server-only";
import pg from "pg";
import { ConfigurationError } from "@/lib/env";
import { pool } from "./clients";
import { isStepwise, statementsOf } from "./online-migration";

/**
 * Tables that every node has whole: they are asked by person, or before an organization is known. A write of such a table
 * needs every node, so `sessions` isn't one: every request of a browser may write its session.
 */
const REFERENCE_TABLES = ["organization_ids", "users", "memberships"];

const HAS_NO_PLACE = `relkind = 'r' AND relnamespace = 'public'::regnamespace
  AND NOT EXISTS (SELECT FROM pg_dist_partition WHERE logicalrelid = c.oid)`;

const IS_REFERENCE = `relname IN (${REFERENCE_TABLES.map((name) => `'${name}'`).join(", ")})`;

/**
 * Gives every table that has none its place: those of an organization by `organization_id`, on the node of its
 * other rows; the listed ones on all nodes. Sessions, counters and the migrations' own tables stay on the coordinator.
 */
const PLACE_TABLES = `
  PERFORM create_reference_table(c.oid) FROM pg_class c WHERE ${HAS_NO_PLACE} AND ${IS_REFERENCE};
  PERFORM create_distributed_table(c.oid, 'organization_id') FROM pg_class c
    WHERE ${HAS_NO_PLACE} AND NOT ${IS_REFERENCE} AND EXISTS
      (SELECT FROM pg_attribute WHERE attrelid = c.oid AND attname = 'organization_id' AND NOT attisdropped);`;

/**
 * Prisma reads an enum back as text (`RETURNING role::text`), and there Citus takes only what is immutable. An
 * enum's text is, unless somebody renames a value, but PostgreSQL's own cast doesn't say so.
 */
const CAST_ENUMS = `
  FOR enum IN SELECT y.oid::regtype AS type FROM pg_type y
    WHERE typtype = 'e' AND typnamespace = 'public'::regnamespace
    AND NOT EXISTS (SELECT FROM pg_cast WHERE castsource = y.oid AND casttarget = 'text'::regtype)
  LOOP
    EXECUTE format('CREATE FUNCTION text_of(%s) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
      RETURN enum_out($1)::text', enum.type);
    EXECUTE format('CREATE CAST (%s AS text) WITH FUNCTION text_of(%1$s) AS ASSIGNMENT', enum.type);
  END LOOP;`;

const OUGHT_TO_HAVE_A_PLACE = `
  SELECT relname AS name FROM pg_class c WHERE ${HAS_NO_PLACE} AND (${IS_REFERENCE} OR EXISTS
    (SELECT FROM pg_attribute WHERE attrelid = c.oid AND attname = 'organization_id' AND NOT attisdropped))`;

/**
 * The same for tables with rows in them. Those are copied, which row security forbids the owner too while it is
 * forced, and no foreign key may lead from a table with a place to one that has none yet: both come back in the
 * same transaction.
 */
const PLACE_FILLED_TABLES = `
DO $place$ DECLARE enum record; each record; keys text[]; forced text[]; statement text; BEGIN
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
  ${PLACE_TABLES}
  FOREACH statement IN ARRAY keys LOOP EXECUTE statement; END LOOP;
  FOREACH statement IN ARRAY forced
  LOOP EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', statement); END LOOP;
END $place$`;

/** Copying leaves what was copied where it was, seen by nobody. */
const REMOVE_COPIED = `
  SELECT truncate_local_data_after_distributing_table(c.oid) FROM pg_class c JOIN pg_dist_partition ON logicalrelid = c.oid
  WHERE relnamespace = 'public'::regnamespace AND pg_relation_size(c.oid) > 0`;

/**
 * A migration as a distributed database takes it. Its new tables get their places while they are empty, and
 * before their foreign keys, which may not lead from a table without a place to one that has it. Each statement
 * is one of its own, for Citus hands the text around a statement on to the other nodes, whatever else is in it;
 * a block keeps them one transaction. Stepwise migrations make no tables and stay as they are.
 */
export function placeTables(sql: string): string {
  if (isStepwise(sql)) return sql;
  const statements = statementsOf(sql).map((statement) => {
    // What rows are distributed by can't change there; ids don't change anywhere, so nothing is lost.
    const taken = statement.replaceAll(" ON UPDATE CASCADE", "");
    return `EXECUTE ${pg.escapeLiteral(taken)};`;
  });
  const firstKey = statements.findIndex((statement) => statement.includes("FOREIGN KEY"));
  statements.splice(firstKey < 0 ? statements.length : firstKey, 0, CAST_ENUMS, PLACE_TABLES);
  return [
    "DO $migration$ DECLARE enum record; BEGIN",
    // New types are seen by the connection that made them, so there is one to each node.
    "PERFORM set_config('citus.multi_shard_modify_mode', 'sequential', true);",
    ...statements,
    "END $migration$;",
  ].join("\n");
}

/** Whether the tables of this database are to be distributed: it is a coordinator's of Citus. */
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
 * Gives the tables of a migrated database their places, with the rows that are in them: for one that was made before
 * it had the Citus extension. All of it or nothing; servers wait meanwhile, for it locks every table.
 *
 * @param url the owner's address
 * @returns the tables that were placed; none when all were
 */
export async function distributeTables(url: string): Promise<string[]> {
  const client = new pg.Client({ connectionString: url });
  client.on("error", () => {});
  await client.connect();
  try {
    const { rows } = await client.query<{ name: string }>(`${OUGHT_TO_HAVE_A_PLACE} ORDER BY 1`);
    if (rows.length > 0) await client.query(PLACE_FILLED_TABLES);
    // Apart, for it can't be taken back: by now the rows are where they belong.
    await client.query(REMOVE_COPIED);
    return rows.map(({ name }) => name);
  } finally {
    await client.end();
  }
}

/** The same address, for what is to stay on the coordinator: other nodes don't hear of what is made over it. */
export function withoutPropagation(url: string): string {
  const address = new URL(url);
  address.searchParams.set("options", "-c citus.enable_ddl_propagation=off");
  return address.href;
}

const ARE_SETTINGS_KEPT_HERE = `
  SELECT FROM pg_extension WHERE extname = 'citus'
  AND current_setting('citus.propagate_set_commands', true) IS DISTINCT FROM 'local'`;

/**
 * Refuses a distributed database whose nodes aren't told which organization a unit of work is for: row security
 * there would let nothing through, and every page would be empty.
 *
 * @throws {ConfigurationError} saying what the role of DATABASE_URL lacks
 */
export async function assertSettingsReachNodes(): Promise<void> {
  if ((await pool().query(ARE_SETTINGS_KEPT_HERE)).rowCount === 0) return;
  throw new ConfigurationError(
    "DATABASE_URL names a role without citus.propagate_set_commands = 'local' on a distributed database; README says how to set it.",
  );
}
