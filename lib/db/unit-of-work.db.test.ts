import { randomUUID } from "node:crypto";
import pg from "pg";
import { afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { AppError } from "@/lib/errors";
import { replaceProcessValue } from "@/lib/process-wide";
import { freePort } from "@/server/ports";
import { closeDatabase, makePool, pool, prisma } from "./connection-pools";
import { LIMITS, type Limits } from "./time-limits";
import { asUser, asUserSql, inOrganization, inOrganizationSql, type Scope } from "./unit-of-work";

const { DATABASE_URL = "", TEST_ADMIN_URL = "" } = process.env;
const UNAVAILABLE = { code: "unavailable", retryAfterSeconds: 5 };

let admin: pg.Client;
let organizationId: string;

beforeAll(async () => {
  admin = new pg.Client({ connectionString: TEST_ADMIN_URL });
  await admin.connect();
  return () => admin.end();
});

beforeEach(() => {
  organizationId = randomUUID();
});

const isThere = async (id = organizationId) =>
  (await admin.query("SELECT FROM organization_ids WHERE id = $1", [id])).rowCount === 1;

/** A unit of work with Prisma or with plain SQL. Both run SQL here, so that the same tests cover them. */
type Query = (sql: string) => Promise<Record<string, unknown>[]>;
type Form = {
  readonly name: string;
  readonly run: <T>(work: (query: Query) => Promise<T>, limits?: Limits) => Promise<T>;
  readonly user: <T>(scope: Scope, work: (query: Query) => Promise<T>) => Promise<T>;
};

const FORMS: readonly Form[] = [
  {
    name: "a unit of work with Prisma",
    run: (work, limits) =>
      inOrganization({ organizationId }, (tx) => work((sql) => tx.$queryRawUnsafe(sql)), limits),
    user: (scope, work) => asUser(scope, (tx) => work((sql) => tx.$queryRawUnsafe(sql))),
  },
  {
    name: "a unit of work with plain SQL",
    run: (work, limits) =>
      inOrganizationSql(
        { organizationId },
        (client) => work(async (sql) => (await client.query(sql)).rows),
        limits,
      ),
    user: (scope, work) => asUserSql(scope, (client) => work(async (sql) => (await client.query(sql)).rows)),
  },
];

const insert = () => `INSERT INTO organization_ids (id) VALUES ('${organizationId}')`;

/** Replaces the pool for one test. */
function usePool(config: pg.PoolConfig): void {
  const replaced = makePool(20);
  Object.assign(replaced.options, config);
  replaceProcessValue("db.pool", replaced);
  replaceProcessValue("db.prisma");
}

// Closes connections that a test broke or replaced.
afterEach(async () => {
  await closeDatabase();
  replaceProcessValue("db.pool");
  replaceProcessValue("db.bulk");
  replaceProcessValue("db.prisma");
});

describe.each(FORMS)("$name", ({ run, user }) => {
  test("commits its changes and returns the result of the work", async () => {
    expect(await run(async (query) => (await query(insert())) && "done")).toBe("done");
    expect(await isThere()).toBe(true);
  });

  test("rolls back when the work throws, and rethrows its error unchanged", async () => {
    const failure = new AppError("conflict", "failed");
    const broken = run(async (query) => {
      await query(insert());
      throw failure;
    });
    await expect(broken).rejects.toBe(failure);
    expect(await isThere()).toBe(false);
  });

  test("rolls back earlier statements when one fails", async () => {
    const broken = run(async (query) => {
      await query(insert());
      await query(insert());
    });
    await expect(broken).rejects.toThrow();
    expect(await isThere()).toBe(false);
  });

  test("rolls back and rejects when the work swallows the error of a statement", async () => {
    const swallowed = run(async (query) => {
      await query(insert());
      await query("SELECT 1 / 0").catch(() => {});
    });
    await expect(swallowed).rejects.toThrow();
    expect(await isThere()).toBe(false);
  });

  test("S30 reports a statement timeout as `unavailable`", async () => {
    const slow = run(async (query) => {
      await query("SET LOCAL statement_timeout = '10ms'");
      await query("SELECT pg_sleep(5)::text");
    });
    await expect(slow).rejects.toMatchObject(UNAVAILABLE);
  });

  test("S30 reports a lock timeout as `unavailable`", async () => {
    await admin.query("SELECT pg_advisory_lock(7)");
    const waiting = run(async (query) => {
      await query("SET LOCAL lock_timeout = '10ms'");
      await query("SELECT pg_advisory_xact_lock(7)::text");
    });
    await expect(waiting).rejects.toMatchObject(UNAVAILABLE);
    await admin.query("SELECT pg_advisory_unlock(7)");
  });

  test("S30 reports a pool without a free connection as `unavailable` after its timeout", async () => {
    usePool({ connectionString: DATABASE_URL, max: 1 });
    const taken = await pool().connect();
    // Set only now, because connecting may take longer.
    pool().options.connectionTimeoutMillis = 20;
    await expect(run((query) => query("SELECT 1"))).rejects.toMatchObject(UNAVAILABLE);
    taken.release();
    expect(await run((query) => query("SELECT 1 AS one"))).toEqual([{ one: 1 }]);
  });

  test("reports an unreachable database as `unavailable`", async () => {
    const away = Object.assign(new URL(DATABASE_URL), { port: String(await freePort()) }).href;
    usePool({ connectionString: away });
    await expect(run((query) => query("SELECT 1"))).rejects.toMatchObject(UNAVAILABLE);
  });

  test("reports a broken connection as `unavailable`, rolls back and does not reuse the connection", async () => {
    usePool({ connectionString: DATABASE_URL, max: 1 });
    let pid: unknown;
    const broken = run(async (query) => {
      await query(insert());
      pid = (await query("SELECT pg_backend_pid() AS pid"))[0]?.pid;
      await admin.query("SELECT pg_terminate_backend($1::int, 5000)", [pid]);
      await query("SELECT 1");
    });
    await expect(broken).rejects.toMatchObject(UNAVAILABLE);
    expect(await isThere()).toBe(false);
    const [next] = await run((query) => query("SELECT pg_backend_pid() AS pid"));
    expect(next?.pid).not.toBe(pid);
  });

  test("S30 the role's limits apply, and a bulk write overrides them for its transaction only", async () => {
    usePool({ connectionString: DATABASE_URL, max: 1 });
    const show = `SELECT current_setting('statement_timeout') AS statement, current_setting('lock_timeout') AS lock,
      current_setting('idle_in_transaction_session_timeout') AS idle`;
    const ours = { statement: "15s", lock: "5s", idle: "30s" };
    expect(await run((query) => query(show))).toEqual([ours]);
    expect(await run((query) => query(show), LIMITS.bulk)).toEqual([{ ...ours, statement: "1min" }]);
    expect(await run((query) => query(show))).toEqual([ours]);
  });

  test("S14 a pooled connection keeps no settings of the previous user", async () => {
    usePool({ connectionString: DATABASE_URL, max: 1 });
    const names = ["app.organization_id", "app.user_id", "app.user_email", "app.session_id"];
    const settings = `SELECT ${names.map((name, at) => `current_setting('${name}', true) AS "${at}"`).join(", ")}`;
    const scope = {
      organizationId,
      userId: randomUUID(),
      userEmail: "o'neil\\@example.com",
      sessionId: randomUUID(),
    };
    expect(await user(scope, (query) => query(settings))).toEqual([
      { 0: organizationId, 1: scope.userId, 2: scope.userEmail, 3: scope.sessionId },
    ]);
    const remaining = (await pool().query<Record<string, string | null>>(settings)).rows[0] ?? {};
    expect(Object.values(remaining).filter(Boolean)).toEqual([]);
    expect((await pool().query("SELECT id FROM users UNION ALL SELECT id FROM sessions")).rows).toEqual([]);
  });

  test.each([
    {},
    { organizationId: "" },
    { organizationId: "'; DROP TABLE users; --" },
    { userId: "1" },
    { sessionId: `${"0".repeat(8)}-0000-0000-0000-00000000000g` },
  ])("S12 rejects an empty scope and invalid ids: %j", async (scope) => {
    let hasRun = false;
    const refused = async () => user(scope, async () => (hasRun = true));
    await expect(refused()).rejects.toThrow(/unit of work/);
    expect(hasRun).toBe(false);
  });
});

test("a connection that failed to roll back is not reused, even if it still answers", async () => {
  usePool({ connectionString: DATABASE_URL, max: 1 });
  let pid: unknown;
  const broken = inOrganizationSql({ organizationId }, async (client) => {
    pid = (await client.query<{ pid: number }>("SELECT pg_backend_pid() AS pid")).rows[0]?.pid;
    Object.assign(client, { query: () => Promise.reject(new Error("no answer")) });
    throw new Error("failed");
  });
  await expect(broken).rejects.toThrow("failed");
  expect((await pool().query<{ pid: number }>("SELECT pg_backend_pid() AS pid")).rows[0]?.pid).not.toBe(pid);
});

test("concurrent units of work see only their own organization", async () => {
  const ids = Array.from({ length: 30 }, () => randomUUID());
  const seen = await Promise.all(
    ids.map((id) =>
      inOrganizationSql({ organizationId: id }, async (client) => {
        await client.query("INSERT INTO organization_ids (id) VALUES ($1)", [id]);
        await client.query("INSERT INTO organization (organization_id, name) VALUES ($1, $2)", [id, id]);
        return (await client.query<{ name: string }>("SELECT name FROM organization")).rows.map(
          ({ name }) => name,
        );
      }),
    ),
  );
  expect(seen).toEqual(ids.map((id) => [id]));
  expect(await prisma().organization.count()).toBe(0);
});
