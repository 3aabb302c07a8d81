import pg from "pg";
import { parsePublicId } from "@/lib/public-id";
import { e2eRun } from "./simulator";

let pool: pg.Pool | undefined;

/** Pools connections, because connecting costs more than most statements. They don't keep the process alive. */
const connections = (): pg.Pool =>
  (pool ??= new pg.Pool({ connectionString: e2eRun().adminUrl, allowExitOnIdle: true }));

/** Runs `work` with a superuser's connection to the database. */
export async function withDatabase<T>(work: (client: pg.ClientBase) => Promise<T>): Promise<T> {
  const client = await connections().connect();
  try {
    return await work(client);
  } finally {
    client.release();
  }
}

/** Tables that background work writes at any time. */
const BACKGROUND_TABLES = [
  "call_gap",
  "call_month",
  "logged_call",
  "walk_list",
  "walk_detail",
  "walk_pages",
  "walk_member",
];

/** Returns a hash of an organization's rows per table. Equal hashes before and after mean that nothing changed. */
export function hashOfOrganization(path: string): Promise<Record<string, string>> {
  const organizationId = parsePublicId(path.split("/")[2] ?? "");
  return withDatabase(async (client) => {
    const { rows: tables } = await client.query<{ name: string }>(
      `SELECT c.relname AS name FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'organization_id'
      WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND c.relname <> ALL ($1) ORDER BY 1`,
      [BACKGROUND_TABLES],
    );
    const hashes: Record<string, string> = {};
    for (const { name } of tables) {
      const { rows } = await client.query<{ hash: string }>(
        `SELECT count(*) || ':' || coalesce(md5(string_agg(t::text, '|' ORDER BY t::text)), '') AS hash
         FROM "${name}" t WHERE organization_id = $1`,
        [organizationId],
      );
      hashes[name] = rows[0]?.hash ?? "";
    }
    return hashes;
  });
}

/** Returns all rows of all tables as text, with bytes in hexadecimal, except those of PostgreSQL's own schemas. */
export function readEveryTable(schema?: string): Promise<{ table: string; rows: string[] }[]> {
  return withDatabase(async (client) => {
    const { rows: tables } = await client.query<{ name: string }>(
      `SELECT format('%I.%I', n.nspname, c.relname) AS name
       FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
       WHERE c.relkind IN ('r', 'm') AND n.nspname !~ '^(pg_|information_schema$)' AND n.nspname = coalesce($1, n.nspname)
       ORDER BY 1`,
      [schema ?? null],
    );
    const read: { table: string; rows: string[] }[] = [];
    for (const { name } of tables) {
      const { rows } = await client.query<{ row: string }>(`SELECT t::text AS row FROM ${name} t`);
      read.push({ table: name, rows: rows.map(({ row }) => row) });
    }
    return read;
  });
}

/** Makes every read of an organization's rows in a table fail, like a bug, while `work` runs. */
export async function whileUnreadable<T>(table: string, path: string, work: () => Promise<T>): Promise<T> {
  const organizationId = parsePublicId(path.split("/")[2] ?? "");
  const policy = `unreadable_${organizationId?.replaceAll("-", "")}`;
  await withDatabase((client) =>
    client.query(`CREATE POLICY ${policy} ON ${table} AS RESTRICTIVE USING (
      organization_id <> '${organizationId}' OR 1 / (length(name) - length(name)) = 1)`),
  );
  try {
    return await work();
  } finally {
    await withDatabase((client) => client.query(`DROP POLICY ${policy} ON ${table}`));
  }
}
