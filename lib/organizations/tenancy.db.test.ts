import { randomUUID } from "node:crypto";
import type pg from "pg";
import { beforeEach, describe, expect, test } from "vitest";
import { pool } from "@/lib/db/connection-pools";
import { LIMITS } from "@/lib/db/time-limits";
import {
  asUser,
  asUserSql,
  inOrganization,
  inOrganizationSql,
  type Scope,
  type Tx,
} from "@/lib/db/unit-of-work";
import { addMember, makeOrganization, makeSession, type TestOrganization } from "@/lib/testing/factories";

let own: TestOrganization;
let other: TestOrganization;
beforeEach(async () => {
  [own, other] = [await makeOrganization(), await makeOrganization()];
});

const TABLES = ["organization", "memberships"] as const;

/** Returns all rows of an organization, to compare them later. */
const rowsOf = ({ organizationId }: TestOrganization) =>
  inOrganization({ organizationId }, async (tx) => [
    await tx.organization.findMany(),
    await tx.membership.findMany({ orderBy: { userId: "asc" } }),
  ]);

const idsIn = (rows: readonly { organization_id?: string; organizationId?: string }[]) => [
  ...new Set(rows.map((row) => row.organization_id ?? row.organizationId)),
];

describe("S12 queries without a condition on the organization", () => {
  test("a query sees only its own organization's rows with Prisma", async () => {
    await inOrganization(own, async (tx) => {
      expect(idsIn(await tx.organization.findMany())).toEqual([own.organizationId]);
      expect(idsIn(await tx.membership.findMany())).toEqual([own.organizationId]);
    });
  });

  test.each(TABLES)("a query sees only its own organization's rows of %s with SQL", async (table) => {
    await inOrganizationSql(own, async (client) => {
      const { rows } = await client.query<{ organization_id: string }>(
        `SELECT organization_id FROM ${table}`,
      );
      expect(idsIn(rows)).toEqual([own.organizationId]);
    });
  });

  test("a query sees no rows of another organization that it names", async () => {
    const { organizationId } = other;
    await inOrganization(own, async (tx) => {
      expect(await tx.organization.findUnique({ where: { organizationId } })).toBeNull();
      expect(await tx.membership.findMany({ where: { organizationId } })).toEqual([]);
      expect(await tx.membership.count({ where: { userId: other.owner.userId } })).toBe(0);
    });
  });

  test("a query changes and deletes no rows of another organization", async () => {
    const before = await rowsOf(other);
    await inOrganization(own, async (tx) => {
      expect(await tx.organization.updateMany({ data: { name: "mine now" } })).toEqual({ count: 1 });
      expect(await tx.membership.updateMany({ data: { role: "viewer" } })).toEqual({ count: 1 });
      expect(await tx.membership.deleteMany()).toEqual({ count: 1 });
      expect(await tx.organizationId.deleteMany()).toEqual({ count: 1 });
    });
    expect(await rowsOf(other)).toEqual(before);
  });

  test.each([
    ["UPDATE organization SET name = 'mine now'", 1],
    ["UPDATE memberships SET role = 'owner'", 1],
    ["DELETE FROM organization", 1],
    ["DELETE FROM memberships", 1],
    ["DELETE FROM organization_ids", 1],
  ])("a query changes no rows of another organization with SQL: %s", async (sql, count) => {
    const before = await rowsOf(other);
    await inOrganizationSql(own, async (client) => expect((await client.query(sql)).rowCount).toBe(count));
    expect(await rowsOf(other)).toEqual(before);
  });

  test("S12 throws for an undefined organization instead of matching all", async () => {
    const organizationId = undefined as unknown as string;
    await inOrganization(own, async (tx) => {
      await expect(tx.organization.findMany({ where: { organizationId } })).rejects.toThrow(/undefined/);
      await expect(tx.membership.deleteMany({ where: { organizationId } })).rejects.toThrow(/undefined/);
    });
    expect(idsIn(await inOrganization(own, (tx) => tx.membership.findMany()))).toEqual([own.organizationId]);
  });
});

describe("S15 rows of another organization", () => {
  const attempts: [string, (tx: Tx) => Promise<unknown>][] = [
    [
      "created in it",
      (tx) =>
        tx.membership.create({
          data: {
            organizationId: other.organizationId,
            userId: own.owner.userId,
            role: "owner",
            email: own.owner.email,
            organizationName: "x",
          },
        }),
    ],
    ["moved to it", (tx) => tx.membership.updateMany({ data: { organizationId: other.organizationId } })],
    ["created with a new id", (tx) => tx.organizationId.create({ data: { id: randomUUID() } })],
  ];

  test.each(attempts)("a row of another organization can't be %s", async (_, attempt) => {
    const before = await rowsOf(other);
    await expect(inOrganization(own, attempt)).rejects.toThrow(/row-level security/);
    expect(await rowsOf(other)).toEqual(before);
  });

  test("a user who adds a membership can't reach rows of another organization", async () => {
    const { userId, email } = own.owner;
    const { organizationId } = other;
    const join = (tx: Tx) =>
      tx.membership.create({
        data: { organizationId, userId, role: "owner", email, organizationName: "x" },
      });
    await expect(asUser({ userId }, join)).rejects.toThrow(/row-level security/);
  });

  test("a user who raises the own role can't reach rows of another organization", async () => {
    const { organizationId, userId } = await addMember(other, "viewer", own.owner);
    await asUser({ userId }, (tx) =>
      tx.membership.updateMany({ where: { organizationId, userId }, data: { role: "owner" } }),
    ).catch(() => {});
    const { role } = await inOrganization(other, (tx) =>
      tx.membership.findFirstOrThrow({ where: { organizationId, userId } }),
    );
    expect(role).toBe("viewer");
  });
});

describe("S12 scope of a user", () => {
  test("a user sees only the own memberships", async () => {
    const shared = await addMember(other, "viewer", own.owner);
    const rows = await asUser(own.owner, (tx) => tx.membership.findMany()).then((all) =>
      all.filter(({ userId }) => userId !== own.owner.userId),
    );
    expect(idsIn(rows), "memberships of other users").toEqual([]);
    const { userId } = shared;
    const memberships = await asUser({ userId }, (tx) => tx.membership.findMany());
    expect(idsIn(memberships).sort()).toEqual([own.organizationId, other.organizationId].sort());
    expect(new Set(memberships.map((membership) => membership.userId))).toEqual(new Set([userId]));
  });

  test("a user sees only the ids of organizations", async () => {
    const { userId } = own.owner;
    await asUser({ userId }, async (tx) => {
      expect(await tx.organization.findMany()).toEqual([]);
      expect(await tx.organizationId.count()).toBeGreaterThanOrEqual(2);
      expect(await tx.organizationId.deleteMany()).toEqual({ count: 0 });
    });
  });

  test("a user sees only the own user and sessions; an organization sees none", async () => {
    await makeSession(other.owner);
    const { sessionId } = await makeSession(own.owner);
    const { userId, email } = own.owner;
    const seen = (scope: Scope) =>
      asUserSql(scope, async (client) => {
        const users = await client.query<{ id: string }>("SELECT id FROM users");
        const sessions = await client.query<{ id: string }>("SELECT id FROM sessions");
        return [users.rows.map(({ id }) => id), sessions.rows.map(({ id }) => id)];
      });
    expect(await seen({ userId })).toEqual([[userId], [sessionId]]);
    expect(await seen({ userEmail: email })).toEqual([[userId], []]);
    expect(await seen({ sessionId })).toEqual([[], [sessionId]]);
    expect(await seen({ organizationId: own.organizationId })).toEqual([[], []]);
  });
});

describe("S12 units of work", () => {
  const INJECTION = "0190a0b0-0000-7000-8000-000000000000'; SET ROLE postgres; --";
  const bad: Scope[] = [
    { organizationId: INJECTION },
    { userId: INJECTION },
    { sessionId: INJECTION },
    { organizationId: "" },
    { organizationId: "0190A0B0-0000-7000-8000-000000000000" },
    { userId: "*" },
  ];

  test.each(bad)(
    "a unit of work throws for an id that is not a UUID, before it begins: %j",
    async (scope) => {
      let began = false;
      const work = async () => {
        began = true;
      };
      await expect(async () => asUser(scope, work)).rejects.toThrow(/not a UUID/);
      await expect(async () => asUserSql(scope, work)).rejects.toThrow(/not a UUID/);
      expect(began).toBe(false);
    },
  );

  test("a unit of work throws without a scope", async () => {
    await expect(async () => asUser({}, async () => {})).rejects.toThrow(/scope/);
    await expect(async () => asUserSql({ userId: undefined }, async () => {})).rejects.toThrow(/scope/);
    const nobody = { organizationId: undefined as unknown as string };
    await expect(async () => inOrganization(nobody, async () => {})).rejects.toThrow(/scope/);
  });

  test("quotes an e-mail that is the scope of a unit of work", async () => {
    const hostile = "o'neil\\'; SET ROLE postgres; --@example.test";
    const setting = await asUserSql({ userEmail: hostile }, async (client) => {
      const { rows } = await client.query<{ email: string; role: string }>(
        "SELECT current_setting('app.user_email') AS email, current_user AS role",
      );
      return rows[0];
    });
    expect(setting).toEqual({ email: hostile, role: "dingkeep_app" });
  });

  const ALL = `SELECT coalesce(string_agg(nullif(current_setting(name, true), ''), ','), '') AS left
    FROM unnest(ARRAY['app.organization_id', 'app.user_id', 'app.user_email', 'app.session_id']) name`;

  /** Returns the settings that remain on each connection of the pool. */
  async function leftOnConnections(): Promise<string[]> {
    const clients: pg.PoolClient[] = [];
    for (let count = 0; count < pool().totalCount || count === 0; count++)
      clients.push(await pool().connect());
    const left: string[] = [];
    for (const client of clients) {
      left.push((await client.query<{ left: string }>(ALL)).rows[0]?.left ?? "");
      client.release();
    }
    return left;
  }

  test("a unit of work leaves no settings on its pooled connection, also after a failure", async () => {
    const { userId, email } = own.owner;
    const scope = { ...own, userId, userEmail: email, sessionId: randomUUID() };
    const fail = async () => {
      throw new Error("half-way");
    };
    await asUserSql(scope, async (client) => {
      expect((await client.query<{ left: string }>(ALL)).rows[0]?.left, "while it runs").toContain(userId);
    });
    await asUser(scope, async (tx) => tx.organization.findMany());
    await expect(asUserSql(scope, fail)).rejects.toThrow("half-way");
    await expect(asUser(scope, fail)).rejects.toThrow("half-way");
    await expect(asUserSql(scope, (client) => client.query("SELECT 1/0"))).rejects.toThrow(/zero/);
    expect(new Set(await leftOnConnections())).toEqual(new Set([""]));
    for (const table of [...TABLES, "users", "sessions"])
      expect((await pool().query(`SELECT * FROM ${table}`)).rows, table).toEqual([]);
  });

  test("a unit of work sees only its own organization beside concurrent ones", async () => {
    const seen = await Promise.all(
      Array.from({ length: 30 }, async (_, index) => {
        const organization = index % 2 === 0 ? own : other;
        const rows =
          index % 3 === 0
            ? await inOrganization(organization, (tx) => tx.organization.findMany({ select: { name: true } }))
            : await inOrganizationSql(
                organization,
                async (client) =>
                  (await client.query<{ name: string }>("SELECT name FROM organization")).rows,
              );
        return rows.map(({ name }) => name === organization.name);
      }),
    );
    expect(seen.flat()).toEqual(Array.from({ length: 30 }, () => true));
  });

  test("rolls back when the work throws", async () => {
    await expect(
      inOrganization(own, async (tx) => {
        await tx.organization.updateMany({ data: { name: "half" } });
        throw new Error("half-way");
      }),
    ).rejects.toThrow("half-way");
    const [row] = await inOrganization(own, (tx) => tx.organization.findMany());
    expect(row?.name).toBe(own.name);
  });
});

describe("S30 statements of the application's role", () => {
  const LIMITS_SQL = `SELECT current_setting('statement_timeout') AS statement, current_setting('lock_timeout') AS lock,
    current_setting('idle_in_transaction_session_timeout') AS idle`;

  test("statements have limits of 15 s, 5 s for locks and 30 s for idle transactions", async () => {
    expect((await pool().query(LIMITS_SQL)).rows).toEqual([{ statement: "15s", lock: "5s", idle: "30s" }]);
  });

  test("statements may have a longer limit in one unit of work", async () => {
    const limits = (client: pg.ClientBase) => client.query(LIMITS_SQL).then(({ rows }) => rows);
    expect(await inOrganizationSql(own, limits, LIMITS.bulk)).toMatchObject([{ statement: "1min" }]);
    expect(await inOrganizationSql(own, limits)).toMatchObject([{ statement: "15s" }]);
  });
});
