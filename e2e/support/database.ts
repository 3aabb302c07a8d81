import pg from "pg";
import { parsePublicId } from "@/lib/public-id";
import { startEmbeddedPostgres } from "@/scripts/embedded-postgres";

/** The product's database, as its superuser sees it: for what a test has to know or to put there. */
export async function withDatabase<T>(work: (client: pg.Client) => Promise<T>): Promise<T> {
  const { adminUrl } = await startEmbeddedPostgres(".data/e2e");
  const address = Object.assign(new URL(adminUrl), { pathname: "/e2e_test" });
  const client = new pg.Client({ connectionString: address.href });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/** Every row of an organization, table by table, as one hash each: equal before and after means untouched. */
export function hashOfOrganization(path: string): Promise<Record<string, string>> {
  const organizationId = parsePublicId(path.split("/")[2] ?? "");
  return withDatabase(async (client) => {
    const { rows: tables } = await client.query<{ name: string }>(`
      SELECT c.relname AS name FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'organization_id'
      WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' ORDER BY 1`);
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
