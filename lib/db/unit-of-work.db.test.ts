import { randomUUID } from "node:crypto";
import pg from "pg";
import { afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { AppError } from "@/lib/errors";
import { replaceProcessValue } from "@/lib/process-wide";
import { freePort } from "@/server/ports";
import { closeDatabase, makePool, pool, prisma } from "./clients";
import {
  asPerson,
  inOrganization,
  inOrganizationSql,
  inPersonSql,
  LIMITS,
  type Limits,
  type Scope,
} from "./unit-of-work";

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

/** The two forms of one unit of work, each with plain SQL inside, so that they can be held to the same rules. */
type Query = (sql: string) => Promise<Record<string, unknown>[]>;
type Form = {
  readonly name: string;
  readonly run: <T>(work: (query: Query) => Promise<T>, limits?: Limits) => Promise<T>;
  readonly person: <T>(scope: Scope, work: (query: Query) => Promise<T>) => Promise<T>;
};

const FORMS: readonly Form[] = [
  {
    name: "Prisma's form",
    run: (work, limits) =>
      inOrganization({ organizationId }, (tx) => work((sql) => tx.$queryRawUnsafe(sql)), limits),
    person: (scope, work) => asPerson(scope, (tx) => work((sql) => tx.$queryRawUnsafe(sql))),
  },
  {
    name: "the plain form",
    run: (work, limits) =>
      inOrganizationSql(
        { organizationId },
        (client) => work(async (sql) => (await client.query(sql)).rows),
        limits,
      ),
    person: (scope, work) =>
      inPersonSql(scope, (client) => work(async (sql) => (await client.query(sql)).rows)),
  },
];

const insert = () => `INSERT INTO organization_ids (id) VALUES ('${organizationId}')`;

/** For one test, the process's connections are these. */
function usePool(config: pg.PoolConfig): void {
  const replaced = makePool(20);
  Object.assign(replaced.options, config);
  replaceProcessValue("db.pool", replaced);
  replaceProcessValue("db.prisma");
}

/** Connections that a test broke or replaced are nobody else's. */
afterEach(async () => {
  await closeDatabase();
  replaceProcessValue("db.pool");
  replaceProcessValue("db.bulk");
  replaceProcessValue("db.prisma");
});

describe.each(FORMS)("$name", ({ run, person }) => {
  test("what is done is there afterwards", async () => {
    expect(await run(async (query) => (await query(insert())) && "done")).toBe("done");
    expect(await isThere()).toBe(true);
  });

  test("work that throws leaves nothing, and its error comes out as it was", async () => {
    const failure = new AppError("conflict", "changed its mind");
    const broken = run(async (query) => {
      await query(insert());
      throw failure;
    });
    await expect(broken).rejects.toBe(failure);
    expect(await isThere()).toBe(false);
  });

  test("a statement that fails leaves nothing of those before it", async () => {
    const broken = run(async (query) => {
      await query(insert());
      await query(insert());
    });
    await expect(broken).rejects.toThrow();
    expect(await isThere()).toBe(false);
  });

  test("work that swallows the error of a statement fails all the same, and leaves nothing", async () => {
    const swallowed = run(async (query) => {
      await query(insert());
      await query("SELECT 1 / 0").catch(() => {});
    });
    await expect(swallowed).rejects.toThrow();
    expect(await isThere()).toBe(false);
  });

  test("S30 a statement that takes too long is unavailable", async () => {
    const slow = run(async (query) => {
      await query("SET LOCAL statement_timeout = '10ms'");
      await query("SELECT pg_sleep(5)::text");
    });
    await expect(slow).rejects.toMatchObject(UNAVAILABLE);
  });

  test("S30 a lock that isn't had in time is unavailable", async () => {
    await admin.query("SELECT pg_advisory_lock(7)");
    const waiting = run(async (query) => {
      await query("SET LOCAL lock_timeout = '10ms'");
      await query("SELECT pg_advisory_xact_lock(7)::text");
    });
    await expect(waiting).rejects.toMatchObject(UNAVAILABLE);
    await admin.query("SELECT pg_advisory_unlock(7)");
  });

  test("S30 a pool without a free connection is unavailable after its wait", async () => {
    usePool({ connectionString: DATABASE_URL, max: 1 });
    const held = await pool().connect();
    // Not before it is connected: that may take longer.
    pool().options.connectionTimeoutMillis = 20;
    await expect(run((query) => query("SELECT 1"))).rejects.toMatchObject(UNAVAILABLE);
    held.release();
    expect(await run((query) => query("SELECT 1 AS one"))).toEqual([{ one: 1 }]);
  });

  test("a database that is away is unavailable", async () => {
    const away = Object.assign(new URL(DATABASE_URL), { port: String(await freePort()) }).href;
    usePool({ connectionString: away });
    await expect(run((query) => query("SELECT 1"))).rejects.toMatchObject(UNAVAILABLE);
  });

  test("a connection that breaks in the middle is unavailable, leaves nothing and is given to nobody else", async () => {
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

  test("S30 the role's limits are in force, and a bulk write has its own for as long as it lasts", async () => {
    usePool({ connectionString: DATABASE_URL, max: 1 });
    const show = `SELECT current_setting('statement_timeout') AS statement, current_setting('lock_timeout') AS lock,
      current_setting('idle_in_transaction_session_timeout') AS idle`;
    const ours = { statement: "15s", lock: "5s", idle: "30s" };
    expect(await run((query) => query(show))).toEqual([ours]);
    expect(await run((query) => query(show), LIMITS.bulk)).toEqual([{ ...ours, statement: "1min" }]);
    expect(await run((query) => query(show))).toEqual([ours]);
  });

  test("S14 a pooled connection carries nobody's settings over", async () => {
    usePool({ connectionString: DATABASE_URL, max: 1 });
    const names = ["app.organization_id", "app.user_id", "app.user_email", "app.session_id"];
    const settings = `SELECT ${names.map((name, at) => `current_setting('${name}', true) AS "${at}"`).join(", ")}`;
    const scope = {
      organizationId,
      userId: randomUUID(),
      userEmail: "o'neil\\@example.com",
      sessionId: randomUUID(),
    };
    expect(await person(scope, (query) => query(settings))).toEqual([
      { 0: organizationId, 1: scope.userId, 2: scope.userEmail, 3: scope.sessionId },
    ]);
    const left = (await pool().query<Record<string, string | null>>(settings)).rows[0] ?? {};
    expect(Object.values(left).filter(Boolean)).toEqual([]);
    expect((await pool().query("SELECT id FROM users UNION ALL SELECT id FROM sessions")).rows).toEqual([]);
  });

  test.each([
    {},
    { organizationId: "" },
    { organizationId: "'; DROP TABLE users; --" },
    { userId: "1" },
    { sessionId: `${"0".repeat(8)}-0000-0000-0000-00000000000g` },
  ])("S12 is refused for nobody, or for what is no id: %j", async (scope) => {
    let hasRun = false;
    const refused = async () => person(scope, async () => (hasRun = true));
    await expect(refused()).rejects.toThrow(/unit of work/);
    expect(hasRun).toBe(false);
  });
});

test("a connection that couldn't roll back is given to nobody else, though it still answers", async () => {
  usePool({ connectionString: DATABASE_URL, max: 1 });
  let pid: unknown;
  const broken = inOrganizationSql({ organizationId }, async (client) => {
    pid = (await client.query<{ pid: number }>("SELECT pg_backend_pid() AS pid")).rows[0]?.pid;
    Object.assign(client, { query: () => Promise.reject(new Error("no answer")) });
    throw new Error("changed its mind");
  });
  await expect(broken).rejects.toThrow("changed its mind");
  expect((await pool().query<{ pid: number }>("SELECT pg_backend_pid() AS pid")).rows[0]?.pid).not.toBe(pid);
});

test("two at once on one process's connections each see their own organization", async () => {
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
