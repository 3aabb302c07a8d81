import pg from "pg";

/** Columns of tenants and people whose values are words of ours. */
const OURS = new Set([
  "organization.time_zone",
  "sync_run.stage",
  // Four digits, hexadecimal ones in tests, which by chance stand in some UUID.
  "api_key.key_tail",
  "dingtalk_app.secret_tail",
  "call_month.month",
  // Pieces of names, which stand whole in the tables that they are taken from.
  ...["term", "object_id"].map((column) => `search_term.${column}`),
  ...["object_id", "first", "inside"].map((column) => `search_name.${column}`),
  ...["method", "path", "outcome", "errcode"].map((column) => `logged_call.${column}`),
]);
/** What tests enter everywhere, and what may be gone from the tables by the time of the look. */
const MARKS = ["@example.", "correct horse battery", "MARKED", "-secret", "$argon2"];
/** Shorter ones are in every text. */
const ASCII_CHARACTERS_MIN = 4;

const isTelling = (value: string) =>
  value.length >= (/^[\x20-\x7e]*$/.test(value) ? ASCII_CHARACTERS_MIN : 2);

/** Skips tables that were never written to, most of them in most tests. Rows may lie in partitions, and on Citus in shards. */
const IS_WRITTEN =
  "(c.relkind = 'p' OR pg_relation_size(c.oid) > 0 OR EXISTS (SELECT FROM pg_extension WHERE extname = 'citus'))";

/** Each table of the schema that lies outside row security and was ever written to, with all its rows as text. */
export async function readQueue(admin: pg.ClientBase | pg.Pool): Promise<ReadonlyMap<string, string>> {
  const { rows: tables } = await admin.query<{ name: string }>(
    `SELECT format('pgboss.%I', c.relname) AS name FROM pg_class c
     WHERE c.relnamespace = 'pgboss'::regnamespace AND c.relkind = 'r' AND ${IS_WRITTEN} ORDER BY 1`,
  );
  const texts = new Map<string, string>();
  for (const { name } of tables) {
    const { rows } = await admin.query<{ text: string | null }>(
      `SELECT string_agg(t::text, E'\\n') AS text FROM ONLY ${name} t`,
    );
    texts.set(name, rows[0]?.text ?? "");
  }
  return texts;
}

/** Every value of every text column that row security guards, under the column's name: the first that has it. */
async function readGuarded(admin: pg.ClientBase): Promise<ReadonlyMap<string, string>> {
  const { rows: columns } = await admin.query<{ table: string; column: string }>(
    `SELECT c.relname AS table, a.attname AS column FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
     WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND c.relrowsecurity AND ${IS_WRITTEN}
     AND a.atttypid = 'text'::regtype AND NOT a.attisdropped
     ORDER BY c.relname DESC, a.attname DESC`,
  );
  const values = new Map<string, string>();
  for (const { table, column } of columns) {
    if (OURS.has(`${table}.${column}`)) continue;
    const { rows } = await admin.query<{ value: string }>(
      `SELECT DISTINCT ${pg.escapeIdentifier(column)} AS value FROM ${pg.escapeIdentifier(table)} t
       WHERE ${pg.escapeIdentifier(column)} IS NOT NULL`,
    );
    for (const { value } of rows) values.set(value, `${table}.${column}`);
  }
  return values;
}

/**
 * Looks through all of pg-boss's schema, which lies outside row security, for anything that stands behind it in
 * the same database: names, e-mails, addresses, secrets, tokens (S18). Needs no configuration of the
 * product, so that it can look at the database of the browser's tests too.
 *
 * @param admin a superuser's connection to the database
 * @param more what else must not be there, with what it is called
 * @returns where something was found and what kind of value it is, and never the value
 */
export async function findInQueue(
  admin: pg.ClientBase,
  more: ReadonlyMap<string, string> = new Map(),
): Promise<string[]> {
  const tables = [...(await readQueue(admin))].filter(([, text]) => text !== "");
  const forbidden = [
    ...(await readGuarded(admin)),
    ...more,
    ...MARKS.map((mark) => [mark, "a mark of a test"] as const),
  ].filter(([value]) => isTelling(value));
  const found = tables.flatMap(([table, text]) =>
    forbidden.filter(([value]) => text.includes(value)).map(([, kind]) => `${table} holds ${kind}`),
  );
  return [...new Set(found)].sort();
}
