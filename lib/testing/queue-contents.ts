import pg from "pg";

/** Columns whose values are not personal or occur elsewhere by chance. */
const IGNORED_COLUMNS = new Set([
  "organization.time_zone",
  "sync_run.stage",
  "dingtalk_app.secret_tail",
  "call_month.month",
  "change_set.cause",
  "callback_secret.kind",
  ...["way", "owner_kind"].map((column) => `event_subscription.${column}`),
  ...["type", "source", "state"].map((column) => `dingtalk_event.${column}`),
  // Parts of names. The whole names are in other tables.
  ...["term", "object_id"].map((column) => `search_term.${column}`),
  ...["object_id", "first", "inside"].map((column) => `search_name.${column}`),
  ...["method", "path", "outcome", "errcode"].map((column) => `logged_call.${column}`),
]);
/** Parts of values that tests enter and may delete before the check. */
const MARKS = ["@example.", "correct horse battery", "MARKED", "-secret", "$argon2"];
/** Shorter values occur in every text. */
const ASCII_CHARACTERS_MIN = 4;

/** Shorter hexadecimal values, such as the change "added", occur in UUIDs by chance. */
const HEXADECIMAL_CHARACTERS_MIN = 8;

function isLongEnough(value: string): boolean {
  if (/^[0-9a-f]*$/.test(value)) return value.length >= HEXADECIMAL_CHARACTERS_MIN;
  return value.length >= (/^[\x20-\x7e]*$/.test(value) ? ASCII_CHARACTERS_MIN : 2);
}

/** Skips tables that were never written, which are most of them. Rows can be in partitions, and on Citus in shards. */
const IS_WRITTEN =
  "(c.relkind = 'p' OR pg_relation_size(c.oid) > 0 OR EXISTS (SELECT FROM pg_extension WHERE extname = 'citus'))";

/** Returns each written table of pg-boss's schema, which is outside row security, with its rows as text. */
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

/** Returns every text value that row security guards, with the name of its first column. */
async function readGuarded(admin: pg.ClientBase): Promise<ReadonlyMap<string, string>> {
  const { rows: columns } = await admin.query<{ table: string; column: string }>(
    `SELECT c.relname AS table, a.attname AS column FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
     WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND c.relrowsecurity AND ${IS_WRITTEN}
     AND a.atttypid = 'text'::regtype AND NOT a.attisdropped
     ORDER BY c.relname DESC, a.attname DESC`,
  );
  const values = new Map<string, string>();
  for (const { table, column } of columns) {
    if (IGNORED_COLUMNS.has(`${table}.${column}`)) continue;
    const { rows } = await admin.query<{ value: string }>(
      `SELECT DISTINCT ${pg.escapeIdentifier(column)} AS value FROM ${pg.escapeIdentifier(table)} t
       WHERE ${pg.escapeIdentifier(column)} IS NOT NULL`,
    );
    for (const { value } of rows) values.set(value, `${table}.${column}`);
  }
  return values;
}

/**
 * Searches pg-boss's schema, which is outside row security, for values that row security guards in the same database:
 * names, e-mails, addresses, secrets, tokens (S18). Needs no configuration, so that it also works after the browser tests.
 *
 * @param admin a superuser's connection to the database
 * @param more other forbidden values, with their descriptions
 * @returns the tables and kinds of the found values, without the values
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
  ].filter(([value]) => isLongEnough(value));
  const found = tables.flatMap(([table, text]) =>
    forbidden.filter(([value]) => text.includes(value)).map(([, kind]) => `${table} holds ${kind}`),
  );
  return [...new Set(found)].sort();
}
