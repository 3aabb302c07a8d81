import { describe, expect, test, vi } from "vitest";
import { logCall, writeCalls } from "@/lib/calls/log/log-calls";
import { makeCall, storedRows } from "@/lib/calls/test-support/make-call";
import { pool } from "@/lib/db/clients";
import { inOrganizationSql, inPersonSql } from "@/lib/db/unit-of-work";
import {
  makeApp,
  makeOrganization as makeNewOrganization,
  makeOrganization,
  makeUser,
} from "@/lib/testing/factories";
import type { AppRef } from "@/lib/tokens/app-ref";
import { sweepRenewals } from "@/lib/tokens/sweep-renewals";
import type { AppState } from "@/prisma/generated/enums";
import { housekeepingJob } from "./housekeeping";
import { openAdmin, storedJobs } from "./test-support/stored-jobs";
import { walkOrganizations } from "./walk-organizations";

const admin = openAdmin();
const NOW = Date.now();
const MINUTE = 60_000;
const { signal } = new AbortController();

type Row = { readonly renewAt: number | null; readonly renewingUntil?: number; readonly state?: AppState };

async function makeAppWithRow(
  organizationId: string,
  { renewAt, renewingUntil, state }: Row,
): Promise<AppRef> {
  const pair = { appKey: `ding${crypto.randomUUID()}`, appSecret: "sweep-test-secret" };
  const app = await makeApp(pair, { organizationId, ...(state && { state }) });
  const at = (ms: number | null | undefined) => (ms == null ? null : new Date(ms));
  await inOrganizationSql(app, (client) =>
    client.query(
      `INSERT INTO app_token (organization_id, app_id, version, renew_at, renewing_until, attempted_at)
       VALUES ($1, $2, 1, $3, $4, '{}')`,
      [organizationId, app.appId, at(renewAt), at(renewingUntil)],
    ),
  );
  return app;
}
const jobsOf = ({ organizationId, appId }: AppRef) =>
  storedJobs(admin, "token.renew", `${organizationId}/${appId}`);

describe("a sweep", () => {
  test("puts back a renewal that is over a minute late, once", async () => {
    const { organizationId } = await makeOrganization();
    const app = await makeAppWithRow(organizationId, { renewAt: NOW - MINUTE - 1 });

    expect(await sweepRenewals(organizationId, NOW)).toBe(1);
    expect(await sweepRenewals(organizationId, NOW)).toBe(1);
    expect(await jobsOf(app)).toMatchObject([{ state: "created", start_after: new Date(NOW) }]);
  });

  test.each([
    ["is not that late", { renewAt: NOW - MINUTE }],
    ["somebody is at", { renewAt: NOW - 2 * MINUTE, renewingUntil: NOW + 1 }],
    ["waits for a person", { renewAt: null, state: "broken" }],
    ["is of a disabled app", { renewAt: NOW - 2 * MINUTE, state: "disabled" }],
  ] as const)("leaves one alone that %s", async (_, row) => {
    const { organizationId } = await makeOrganization();
    const app = await makeAppWithRow(organizationId, row);
    await sweepRenewals(organizationId, NOW);

    expect(await jobsOf(app)).toEqual([]);
  });

  test("touches no other organization", async () => {
    const [mine, theirs] = [await makeOrganization(), await makeOrganization()];
    const app = await makeAppWithRow(theirs.organizationId, { renewAt: NOW - 2 * MINUTE });
    await sweepRenewals(mine.organizationId, NOW);

    expect(await jobsOf(app)).toEqual([]);
  });
});

describe("a walk", () => {
  test("comes to every organization, and one that fails is no other's loss", async () => {
    const made = await Promise.all([1, 2, 3].map(async () => (await makeOrganization()).organizationId));
    const work = vi.fn(async (organizationId: string) => {
      if (organizationId === made[0]) throw new Error("no");
    });
    await walkOrganizations(work, signal);

    expect(work.mock.calls.map(([organizationId]) => organizationId)).toEqual(expect.arrayContaining(made));
  });

  test("ends when it is told to", async () => {
    await makeOrganization();
    const work = vi.fn<(organizationId: string) => Promise<void>>();

    await expect(walkOrganizations(work, AbortSignal.abort(new Error("enough")))).rejects.toThrow("enough");
    expect(work).not.toHaveBeenCalled();
  });
});

describe("housekeeping", () => {
  const runHousekeeping = () => housekeepingJob({}, { id: "", tries: 1, signal });
  const sessionsOf = async (userId: string) =>
    (await admin.query<{ id: string }>("SELECT id FROM sessions WHERE user_id = $1", [userId])).rows;

  async function insertSession(userId: string, hours: number): Promise<string> {
    const id = crypto.randomUUID();
    await inPersonSql({ userId, sessionId: id }, (client) =>
      client.query(
        `INSERT INTO sessions (id, user_id, expires_at, address, user_agent)
         VALUES ($1, $2, now() + make_interval(hours => $3), '', '')`,
        [id, userId, hours],
      ),
    );
    return id;
  }

  test.each([
    ["of an organization's people", async () => (await makeNewOrganization()).owner.userId],
    ["of people without any organization", async () => (await makeUser()).userId],
  ])("takes away the sessions %s that have run out, and no others", async (_, makePerson) => {
    const userId = await makePerson();
    await insertSession(userId, -1);
    const alive = await insertSession(userId, 1);
    await runHousekeeping();

    expect(await sessionsOf(userId)).toEqual([{ id: alive }]);
  });

  test("takes away counters that have run out, and no others", async () => {
    await admin.query(
      "INSERT INTO throttle (key, points, expire) VALUES ('dead', 1, 1), ('alive', 1, 99999999999999)",
    );
    await runHousekeeping();

    expect((await admin.query("SELECT key FROM throttle")).rows).toEqual([{ key: "alive" }]);
  });

  test("takes the days before the last 30 out of every organization's log of calls", async () => {
    const [{ organizationId }, appId] = [await makeNewOrganization(), crypto.randomUUID()];
    for (const atMs of [0, Date.now()]) logCall(makeCall({ organizationId, appId }, { atMs }));
    await writeCalls();
    await runHousekeeping();

    expect(await storedRows({ organizationId }, "logged_call")).toHaveLength(1);
  });

  test("S14 reads no session that has run out, and neither does anybody whose it isn't", async () => {
    const [{ userId }, stranger] = [await makeUser(), await makeUser()];
    const id = await insertSession(userId, -1);
    const asStranger = (sql: string) =>
      inPersonSql(stranger, async (client) => (await client.query(sql, [id])).rowCount);

    expect((await pool().query("SELECT FROM sessions")).rowCount).toBe(0);
    expect(await asStranger("SELECT FROM sessions WHERE id = $1")).toBe(0);
    expect(await asStranger("DELETE FROM sessions WHERE id = $1")).toBe(0);
    expect(await asStranger("UPDATE sessions SET expires_at = now() + interval '1 day' WHERE id = $1")).toBe(
      0,
    );
    expect(await sessionsOf(userId)).toEqual([{ id }]);
  });
});
