import pg from "pg";
import { beforeAll, describe, expect, test } from "vitest";

/** Tables that don't belong to one organization, for the reasons in ARCHITECTURE.md. */
const NOT_AN_ORGANIZATIONS = {
  /** Only ids; its policies let only the organization itself insert and delete its row. */
  organization_ids: "policies",
  users: "policies",
  sessions: "policies",
  /** Has `organization_id`, but is also read by user. */
  memberships: "policies",
  /** Keyed hashes, numbers, times. */
  throttle: "counters",
  live_process: "counters",
  sealing_key: "counters",
  callback_uptime: "counters",
  /** The sealed key of those hashes. */
  counter_key: "counters",
  call_lane: "counters",
  egress_second: "counters",
  request_minute: "counters",
  egress_ban: "counters",
  applied_migration: "schema",
} as const;

const TENANT_POLICY =
  "(organization_id = (NULLIF(current_setting('app.organization_id'::text, true), ''::text))::uuid)";

type Table = { name: string; enabled: boolean; forced: boolean; has_organization: boolean };

let admin: pg.Client;
let tables: Table[];

async function all<T extends pg.QueryResultRow>(sql: string): Promise<T[]> {
  return (await admin.query<T>(sql)).rows;
}

beforeAll(async () => {
  admin = new pg.Client({ connectionString: process.env.TEST_ADMIN_URL });
  await admin.connect();
  tables = await all<Table>(`
    SELECT relname AS name, relrowsecurity AS enabled, relforcerowsecurity AS forced,
      EXISTS (SELECT FROM pg_attribute WHERE attrelid = c.oid AND attname = 'organization_id' AND NOT attisdropped)
        AS has_organization
    FROM pg_class c WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') ORDER BY 1`);
  return () => admin.end();
});

const isException = (name: string): name is keyof typeof NOT_AN_ORGANIZATIONS => name in NOT_AN_ORGANIZATIONS;

describe("S13 catalog of the database", () => {
  test("every table belongs to an organization or is a listed exception", () => {
    const strays = tables.filter(({ name, has_organization }) => !has_organization && !isException(name));
    expect(strays).toEqual([]);
    const names = new Set(tables.map(({ name }) => name));
    expect(Object.keys(NOT_AN_ORGANIZATIONS).filter((name) => !names.has(name))).toEqual([]);
  });

  test("row security is enabled and forced on every table with rows of tenants or users", () => {
    const open = tables.filter(({ name, enabled, forced }) => {
      const needsPolicies = !isException(name) || NOT_AN_ORGANIZATIONS[name] === "policies";
      return needsPolicies && !(enabled && forced);
    });
    expect(open).toEqual([]);
  });

  test("S14 a tenant's table has one policy that compares the organization without a subquery", async () => {
    const policies = await all<{ tablename: string; qual: string; with_check: string | null; cmd: string }>(
      "SELECT tablename, qual, with_check, cmd FROM pg_policies WHERE schemaname = 'public'",
    );
    expect(policies.filter(({ qual, with_check }) => /select/i.test(`${qual} ${with_check}`))).toEqual([]);
    for (const { name } of tables.filter((table) => !isException(table.name))) {
      const own = policies.filter(({ tablename }) => tablename === name);
      expect(own, name).toEqual([{ tablename: name, qual: TENANT_POLICY, with_check: null, cmd: "ALL" }]);
    }
  });

  test("primary keys, unique indexes and foreign keys start with the organization, except on listed tables", async () => {
    const keys = await all<{ table: string; key: string; first: string }>(`
      SELECT c.relname AS table, i.indexrelid::regclass::text AS key, a.attname AS first
      FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid
      JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = i.indkey[0]
      WHERE i.indisunique AND c.relnamespace = 'public'::regnamespace
      UNION ALL
      SELECT c.relname, k.conname, a.attname FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid
      JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.conkey[1]
      WHERE k.contype = 'f' AND c.relnamespace = 'public'::regnamespace`);
    expect(keys.length).toBeGreaterThan(5);
    const wrong = keys.filter(({ table, first }) => !isException(table) && first !== "organization_id");
    expect(wrong).toEqual([]);
  });

  test("no foreign key references a tenant's table from a user's table", async () => {
    const keys = await all<{ from: string; to: string }>(`
      SELECT f.relname AS from, t.relname AS to FROM pg_constraint k
      JOIN pg_class f ON f.oid = k.conrelid JOIN pg_class t ON t.oid = k.confrelid WHERE k.contype = 'f'
      AND f.relnamespace = 'public'::regnamespace`);
    expect(keys.filter(({ from, to }) => isException(from) && !isException(to))).toEqual([]);
  });

  test("the schema has no view without security_invoker, no SECURITY DEFINER function and no trigger", async () => {
    const views = await all(`
      SELECT relname FROM pg_class WHERE relkind IN ('v', 'm') AND relnamespace = 'public'::regnamespace
      AND NOT coalesce(reloptions, '{}') @> '{security_invoker=true}'
      AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = pg_class.oid AND deptype = 'e')`);
    const functions = await all(`
      SELECT proname FROM pg_proc WHERE prosecdef AND pronamespace NOT IN ('pg_catalog'::regnamespace, 'information_schema'::regnamespace)`);
    const triggers = await all(`
      SELECT tgname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
      WHERE NOT tgisinternal AND c.relnamespace = 'public'::regnamespace`);
    expect({ views, functions, triggers }).toEqual({ views: [], functions: [], triggers: [] });
  });

  test("neither role can bypass row security, and the application's may only read and write rows", async () => {
    const powerful = await all(`
      SELECT rolname FROM pg_roles WHERE rolname IN ('dingkeep_owner', 'dingkeep_app')
      AND (rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb OR rolreplication)`);
    expect(powerful).toEqual([]);
    const rights = await all(`
      SELECT relname, privilege FROM pg_class c, unnest(ARRAY['TRUNCATE', 'REFERENCES', 'TRIGGER', 'MAINTAIN']) privilege
      WHERE relkind IN ('r', 'p', 'v') AND relnamespace IN ('public'::regnamespace, 'pgboss'::regnamespace)
      AND has_table_privilege('dingkeep_app', c.oid, privilege)`);
    expect(rights).toEqual([]);
    const [more] = await all(`
      SELECT has_schema_privilege('dingkeep_app', 'public', 'CREATE') AS public,
        has_schema_privilege('dingkeep_app', 'pgboss', 'CREATE') AS pgboss,
        EXISTS (SELECT FROM pg_class WHERE relowner = 'dingkeep_app'::regrole) AS owns`);
    expect(more).toEqual({ public: false, pgboss: false, owns: false });
  });
});
