import pg from "pg";
import type { Redacted } from "@/lib/redacted";
import { secretPlace } from "@/lib/secrets/app-secret";
import { openSecret } from "@/lib/secrets/sealed-secrets";
import { openToken } from "@/lib/tokens/token-place";

/** Columns of tenants and people whose values are words of ours. */
const OURS = new Set(["organization.time_zone", "sync_run.stage"]);
/** What tests enter everywhere, and what may be gone from the tables by the time of the look. */
const MARKS = ["@example.", "correct horse battery", "MARKED", "-secret", "$argon2"];
/** Shorter ones are in every text. */
const ASCII_CHARACTERS_MIN = 4;

const isTelling = (value: string) =>
  value.length >= (/^[\x20-\x7e]*$/.test(value) ? ASCII_CHARACTERS_MIN : 2);

/** Each table of the schema that lies outside row security, with all its rows as text. */
export async function readQueue(admin: pg.ClientBase | pg.Pool): Promise<ReadonlyMap<string, string>> {
  const { rows: tables } = await admin.query<{ name: string }>(
    "SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables WHERE schemaname = 'pgboss' ORDER BY 1",
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

/** Every value of every text column that row security guards, under the column's name. */
async function readGuarded(admin: pg.ClientBase): Promise<ReadonlyMap<string, string>> {
  const { rows: columns } = await admin.query<{ table: string; column: string }>(
    `SELECT c.relname AS table, a.attname AS column FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
     WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND c.relrowsecurity
     AND a.atttypid = 'text'::regtype AND NOT a.attisdropped`,
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

type Sealed = { readonly organization_id: string; readonly id: string; readonly sealed: Buffer };

/** One whose key is another test's doesn't open, and nobody could have put it anywhere. */
function opened(open: () => Redacted | null): string | null {
  try {
    return open()?.reveal() ?? null;
  } catch {
    return null;
  }
}

/** Secrets and tokens, opened with this process's keys. */
async function readSealed(admin: pg.ClientBase): Promise<ReadonlyMap<string, string>> {
  const values = new Map<string, string>();
  const secrets = await admin.query<Sealed>(
    "SELECT organization_id, id, sealed_secret AS sealed FROM dingtalk_app",
  );
  for (const { organization_id: organizationId, id, sealed } of secrets.rows) {
    const secret = opened(() => openSecret(secretPlace(organizationId, id), sealed));
    if (secret !== null) values.set(secret, "an app's secret");
  }
  const tokens = await admin.query<Sealed>(
    "SELECT organization_id, app_id AS id, sealed_token AS sealed FROM app_token WHERE sealed_token IS NOT NULL",
  );
  for (const { organization_id: organizationId, id, sealed } of tokens.rows) {
    const token = opened(() => openToken({ organizationId, appId: id }, sealed));
    if (token !== null) values.set(token, "an app's token");
  }
  return values;
}

/**
 * Looks through all of pg-boss's schema, which lies outside row security, for anything that stands behind it in
 * the same database: names, e-mails, addresses, secrets, tokens (S18).
 *
 * @param adminUrl a superuser's address of the database
 * @param marks what else must not be there
 * @returns where something was found and what kind of value it is, and never the value
 */
export async function findInQueue(adminUrl: string, marks: readonly string[] = []): Promise<string[]> {
  const admin = new pg.Client({ connectionString: adminUrl });
  await admin.connect();
  try {
    const tables = [...(await readQueue(admin))].filter(([, text]) => text !== "");
    const forbidden = [
      ...(await readGuarded(admin)),
      ...(await readSealed(admin)),
      ...[...MARKS, ...marks].map((mark) => [mark, "a mark of a test"] as const),
    ].filter(([value]) => isTelling(value));
    const found = tables.flatMap(([table, text]) =>
      forbidden.filter(([value]) => text.includes(value)).map(([, kind]) => `${table} holds ${kind}`),
    );
    return [...new Set(found)].sort();
  } finally {
    await admin.end();
  }
}

/** @throws {Error} when there is anything of `findInQueue` */
export async function assertQueueTellsNothing(adminUrl: string): Promise<void> {
  const found = await findInQueue(adminUrl);
  if (found.length > 0)
    throw new Error(`S18: what lies outside row security tells too much: ${found.join("; ")}`);
}
