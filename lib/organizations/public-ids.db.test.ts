import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { grant } from "@/lib/auth/actor";
import { inOrganization } from "@/lib/db/unit-of-work";
import { connectApp } from "@/lib/dingtalk-apps/connect-app";
import { getApp } from "@/lib/dingtalk-apps/queries";
import { parsePublicId, toPublicId } from "@/lib/public-id";
import { makeEmail, makeOrganization, makeSession, type TestMember } from "@/lib/testing/factories";
import {
  DEFAULT_APP_KEY,
  DEFAULT_APP_SECRET,
  type Simulator,
  startSimulator,
} from "@/simulator/start-simulator";
import { signUp } from "./sign-up";

/** UUIDv7, with 74 random bits, and UUIDv4, with 122. */
const RANDOM_ID = /^[0-9a-f]{8}-[0-9a-f]{4}-[47][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
/** Tables whose ids appear in addresses or requests. */
const NAMED = ["organization_ids", "users", "sessions", "dingtalk_app", "sync_run"];
const INPUT = {
  appKey: DEFAULT_APP_KEY,
  appSecret: DEFAULT_APP_SECRET,
  name: "通讯录",
  corpId: null,
  agentId: null,
  isDraft: false,
};

let simulator: Simulator;
let admin: pg.Client;
let addresses = 0;
const makeAddress = () => `203.0.113.${++addresses}`;

beforeAll(async () => {
  simulator = await startSimulator();
  Object.assign(process.env, { DINGTALK_OAPI_URL: simulator.url, DINGTALK_API_URL: simulator.url });
  admin = new pg.Client({ connectionString: process.env.TEST_ADMIN_URL });
  await admin.connect();
});
afterAll(async () => {
  await admin.end();
  await simulator.close();
});

async function connect(owner: TestMember, more: Partial<typeof INPUT> = {}) {
  return connectApp(grant(owner, "app.connect"), { ...INPUT, ...more }, makeAddress());
}

/** Creates an organization with a session, an app, its token and its first run. */
async function makeFullOrganization() {
  const { owner } = await makeOrganization();
  await makeSession(owner);
  const outcome = await connect(owner);
  if (!outcome.ok) throw new Error("set-up failed");
  return { owner, appId: outcome.value.appId };
}

type Column = { readonly table: string; readonly column: string };

describe("S16 ids", () => {
  test("ids are random in every column of every table", async () => {
    for (let made = 0; made < 2; made++) await makeFullOrganization();
    const { rows: columns } = await admin.query<Column>(
      `SELECT c.relname AS table, a.attname AS column FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
       WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND a.atttypid = 'uuid'::regtype`,
    );
    const withIds = new Set<string>();
    for (const { table, column } of columns) {
      const { rows } = await admin.query<{ id: string }>(
        `SELECT "${column}" AS id FROM "${table}" WHERE "${column}" IS NOT NULL`,
      );
      if (rows.length > 0) withIds.add(table);
      for (const { id } of rows) expect(id, `${table}.${column}`).toMatch(RANDOM_ID);
    }
    expect([...withIds]).toEqual(expect.arrayContaining(NAMED));
  });

  test("ids come from no sequence, identity column or default", async () => {
    const { rows: sequences } = await admin.query(
      "SELECT sequencename FROM pg_sequences WHERE schemaname = 'public'",
    );
    const { rows: counting } = await admin.query(
      `SELECT c.relname, a.attname FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
       LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
       WHERE c.relnamespace = 'public'::regnamespace
       AND (a.attidentity <> '' OR pg_get_expr(d.adbin, d.adrelid) ~ 'nextval|uuid')`,
    );
    expect({ sequences, counting }).toEqual({ sequences: [], counting: [] });
  });

  test("ids are only encoded in public ids, which reveal no order", async () => {
    const [{ organizationId }, next] = [await makeOrganization(), await makeOrganization()];
    expect(parsePublicId(toPublicId(organizationId))).toBe(organizationId);
    // Only the timestamps of two consecutive ids may match.
    expect(toPublicId(organizationId).slice(-12)).not.toBe(next.publicId.slice(-12));
  });

  test("counts the runs of an app from 1", async () => {
    const [first, second] = [await makeFullOrganization(), await makeFullOrganization()];
    for (const { owner, appId } of [first, second]) {
      const { organizationId } = owner;
      const runs = await inOrganization(owner, (tx) =>
        tx.syncRun.findMany({ where: { organizationId, appId }, select: { number: true } }),
      );
      expect(runs).toEqual([{ number: 1 }]);
    }
  });
});

describe("S16 uniqueness", () => {
  test("an app's key and name are unique within the organization only", async () => {
    const [{ owner: mine }, { owner: theirs }] = [await makeOrganization(), await makeOrganization()];
    const [own, other] = [await connect(mine), await connect(theirs)];
    expect([own, other]).toMatchObject([{ ok: true }, { ok: true }]);

    const again = await connect(theirs, { name: "第二个" });
    expect(again).toEqual({ ok: false, error: { code: "duplicate", name: INPUT.name } });
    await inOrganization(mine, (tx) =>
      tx.dingtalkApp.updateMany({
        where: { organizationId: mine.organizationId },
        data: { name: "只属于我" },
      }),
    );
    expect(JSON.stringify(await connect(theirs, { name: "第三个" }))).not.toContain("只属于我");
    if (!own.ok) throw new Error("set-up failed");
    const elsewhere = getApp(grant(theirs, "app.read"), own.value.appId);
    await expect(elsewhere).rejects.toMatchObject({ code: "not_found" });
  });

  test("names of organizations need not be unique", async () => {
    const make = (email: string) =>
      signUp(
        { email, password: "a password of one's own", organization: "同名" },
        { address: makeAddress(), isKnownBrowser: false },
      );
    expect([await make(makeEmail()), await make(makeEmail())]).toMatchObject([{ ok: true }, { ok: true }]);
  });

  test("sign-up reveals nothing about an existing e-mail but that the credentials are wrong", async () => {
    const { owner } = await makeOrganization();
    const taken = await signUp(
      { email: owner.email, password: "not the password of it", organization: "x" },
      { address: makeAddress(), isKnownBrowser: false },
    );
    expect(taken).toEqual({ ok: false, error: "wrong" });
  });
});
