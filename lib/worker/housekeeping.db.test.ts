import { describe, expect, onTestFinished, test, vi } from "vitest";
import type { AppRef } from "@/lib/app-ref";
import { logCall, writeCalls } from "@/lib/calls/log/log-calls";
import { makeCall, storedRows } from "@/lib/calls/test-support/make-call";
import { bulkPool, pool } from "@/lib/db/connection-pools";
import { asUserSql, inOrganizationSql, readTogether } from "@/lib/db/unit-of-work";
import { KEYS_WITH_JOB } from "@/lib/jobs/keys-with-job";
import { openAdmin, storedJobs } from "@/lib/jobs/test-support/stored-jobs";
import { runTasks, shareAt, walkOrganizations } from "@/lib/jobs/walk-organizations";
import { isWorkerRunning } from "@/lib/jobs/worker-liveness";
import {
  makeApp,
  makeOrganization as makeNewOrganization,
  makeOrganization,
  makeUser,
} from "@/lib/testing/factories";
import { sweepRenewals } from "@/lib/tokens/renewal/sweep-renewals";
import type { AppState } from "@/prisma/generated/enums";
import { runHousekeeping, sweepOrganization } from "./housekeeping";

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

describe("sweepRenewals", () => {
  test("sends a renewal again, once, if it is more than a minute late", async () => {
    const { organizationId } = await makeOrganization();
    const app = await makeAppWithRow(organizationId, { renewAt: NOW - MINUTE - 1 });

    expect(await sweepRenewals(organizationId, NOW)).toBe(1);
    expect(await sweepRenewals(organizationId, NOW)).toBe(1);
    expect(await jobsOf(app)).toMatchObject([{ state: "created", start_after: new Date(NOW) }]);
  });

  test.each([
    ["is less late", { renewAt: NOW - MINUTE }],
    ["another process is running", { renewAt: NOW - 2 * MINUTE, renewingUntil: NOW + 1 }],
    ["waits for a person", { renewAt: null, state: "broken" }],
    ["belongs to a disabled app", { renewAt: NOW - 2 * MINUTE, state: "disabled" }],
  ] as const)("sends no job for a renewal that %s", async (_, row) => {
    const { organizationId } = await makeOrganization();
    const app = await makeAppWithRow(organizationId, row);
    await sweepRenewals(organizationId, NOW);

    expect(await jobsOf(app)).toEqual([]);
  });

  test("the sweep of an organization's renewals changes no other organization", async () => {
    const [mine, theirs] = [await makeOrganization(), await makeOrganization()];
    const app = await makeAppWithRow(theirs.organizationId, { renewAt: NOW - 2 * MINUTE });
    await sweepRenewals(mine.organizationId, NOW);

    expect(await jobsOf(app)).toEqual([]);
  });
});

describe("sweepOrganization", () => {
  test("takes two transactions for any number of apps if no job is lost", async () => {
    const { organizationId } = await makeOrganization();
    for (let app = 0; app < 3; app += 1)
      await makeAppWithRow(organizationId, { renewAt: NOW + 60 * MINUTE, state: "verified" });
    await sweepOrganization(organizationId);
    // Ends the syncs that the first sweep started, and marks all names as indexed.
    await admin.query(
      "UPDATE dingtalk_app SET active_run_id = NULL, search_form = 1000 WHERE organization_id = $1",
      [organizationId],
    );
    const [connect, connectBulk] = [vi.spyOn(pool(), "connect"), vi.spyOn(bulkPool(), "connect")];
    onTestFinished(() => void vi.restoreAllMocks());
    await sweepOrganization(organizationId);

    expect(connect.mock.calls.length + connectBulk.mock.calls.length).toBe(2);
  });

  test("finds the jobs of its apps by their keys instead of reading the whole queue", async () => {
    const client = await admin.connect();
    onTestFinished(() => client.release());
    await client.query("BEGIN");
    await client.query(
      `INSERT INTO pgboss.job (id, name, policy, singleton_key)
       SELECT gen_random_uuid(), 'sync.due', 'short', 'key/' || n FROM generate_series(1, 20000) n`,
    );
    await client.query("ANALYZE pgboss.job");
    const { rows } = await client.query<{ "QUERY PLAN": [{ Plan: object; "Planning Time": number }] }>(
      `EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) ${KEYS_WITH_JOB}`,
      ["sync.due", ["key/1", "key/2"]],
    );
    await client.query("ROLLBACK");
    const plan = rows[0]?.["QUERY PLAN"][0]?.Plan as { "Shared Hit Blocks": number };

    expect(plan["Shared Hit Blocks"]).toBeLessThan(50);
  });
});

describe("walkOrganizations", () => {
  test("visits every organization even if the visit of one fails", async () => {
    const made = await Promise.all([1, 2, 3].map(async () => (await makeOrganization()).organizationId));
    const work = vi.fn(async (organizationId: string) => {
      if (organizationId === made[0]) throw new Error("no");
    });
    await walkOrganizations(work, signal);

    expect(work.mock.calls.map(([organizationId]) => organizationId)).toEqual(expect.arrayContaining(made));
  });

  test("ends the walk over the organizations when its signal aborts", async () => {
    await makeOrganization();
    const work = vi.fn<(organizationId: string) => Promise<void>>();

    await expect(walkOrganizations(work, AbortSignal.abort(new Error("enough")))).rejects.toThrow("enough");
    expect(work).not.toHaveBeenCalled();
  });
});

describe("shareAt", () => {
  test("selects another share in each minute, and every organization once per pass", async () => {
    const made = await Promise.all(
      [1, 2, 3, 4, 5, 6].map(async () => (await makeOrganization()).organizationId),
    );
    const visits = new Map<string, number>();
    const startMs = 1_764_547_200_000;
    for (let minute = 0; minute < 5; minute += 1) {
      await walkOrganizations(
        async (organizationId) => visits.set(organizationId, (visits.get(organizationId) ?? 0) + 1),
        signal,
        shareAt(startMs + minute * MINUTE, 5),
      );
    }

    expect(made.map((organizationId) => visits.get(organizationId))).toEqual([1, 1, 1, 1, 1, 1]);
  });

  test("selects one of 240 shares for a pass of four hours", () => {
    const parts = Array.from({ length: 240 }, (_, minute) => shareAt(NOW + minute * MINUTE, 240).part);

    expect(new Set(parts).size).toBe(240);
    expect(shareAt(NOW + 240 * MINUTE, 240)).toEqual(shareAt(NOW, 240));
  });
});

describe("runTasks", () => {
  test("runs all tasks even if the first one fails", async () => {
    const second = vi.fn(() => Promise.resolve());
    await runTasks("019a0000-0000-7000-8000-000000000001", {
      first: () => Promise.reject(new Error("no")),
      second,
    });

    expect(second).toHaveBeenCalledWith("019a0000-0000-7000-8000-000000000001");
  });

  test("repeats tasks one by one if one of them fails the shared transaction", async () => {
    const { organizationId } = await makeOrganization();
    const second = vi.fn();
    await runTasks(organizationId, {
      first: (id) => readTogether({ organizationId: id }, "SELECT 1 / 0", []),
      second: async (id) => second(await readTogether({ organizationId: id }, "SELECT 1 AS one", [])),
    });

    expect(second.mock.calls).toEqual([[[{ one: 1 }]]]);
  });
});

describe("isWorkerRunning", () => {
  type Sweep = {
    readonly state: "completed" | "active";
    readonly completed?: string;
    readonly heard?: string;
  };

  async function plantSweep({ state, completed, heard }: Sweep): Promise<void> {
    await admin.query("DELETE FROM pgboss.job WHERE name = 'sweep'");
    onTestFinished(async () => void (await admin.query("DELETE FROM pgboss.job WHERE name = 'sweep'")));
    await admin.query(
      `INSERT INTO pgboss.job (id, name, state, completed_on, heartbeat_on)
       VALUES (gen_random_uuid(), 'sweep', $1, now() - $2::interval, now() - $3::interval)`,
      [state, completed ?? null, heard ?? null],
    );
  }

  test.each<[string, boolean, Sweep]>([
    ["a sweep ended two minutes ago", true, { state: "completed", completed: "2 minutes" }],
    ["the last sweep ended four minutes ago", false, { state: "completed", completed: "4 minutes" }],
    ["a long sweep sends heartbeats", true, { state: "active", heard: "3 seconds" }],
    ["a running sweep sends no heartbeat", false, { state: "active", heard: "11 seconds" }],
  ])("if %s, isWorkerRunning returns %s", async (_, isDone, sweep) => {
    await plantSweep(sweep);

    expect(await isWorkerRunning()).toBe(isDone);
  });
});

describe("runHousekeeping", () => {
  const runAll = () => runHousekeeping({ part: 0, parts: 1 }, signal);
  const sessionsOf = async (userId: string) =>
    (await admin.query<{ id: string }>("SELECT id FROM sessions WHERE user_id = $1", [userId])).rows;

  async function insertSession(userId: string, hours: number): Promise<string> {
    const id = crypto.randomUUID();
    await asUserSql({ userId, sessionId: id }, (client) =>
      client.query(
        `INSERT INTO sessions (id, user_id, expires_at, address, user_agent)
         VALUES ($1, $2, now() + make_interval(hours => $3), '', '')`,
        [id, userId, hours],
      ),
    );
    return id;
  }

  test.each([
    ["of an organization's members", async () => (await makeNewOrganization()).owner.userId],
    ["of users without an organization", async () => (await makeUser()).userId],
  ])("deletes the expired sessions %s, and no others", async (_, makePerson) => {
    const userId = await makePerson();
    await insertSession(userId, -1);
    const alive = await insertSession(userId, 1);
    await runAll();

    expect(await sessionsOf(userId)).toEqual([{ id: alive }]);
  });

  test("deletes expired counters, and no others", async () => {
    await admin.query(
      "INSERT INTO throttle (key, points, expire) VALUES ('dead', 1, 1), ('alive', 1, 99999999999999)",
    );
    await runAll();

    expect((await admin.query("SELECT key FROM throttle")).rows).toEqual([{ key: "alive" }]);
  });

  test("deletes calls of days before the last 30 from every organization's log", async () => {
    const [{ organizationId }, appId] = [await makeNewOrganization(), crypto.randomUUID()];
    for (const atMs of [0, Date.now()]) logCall(makeCall({ organizationId, appId }, { atMs }));
    await writeCalls();
    await runAll();

    expect(await storedRows({ organizationId }, "logged_call")).toHaveLength(1);
  });

  test("S14 expired sessions are readable neither outside a unit of work nor by other users", async () => {
    const [{ userId }, stranger] = [await makeUser(), await makeUser()];
    const id = await insertSession(userId, -1);
    const asStranger = (sql: string) =>
      asUserSql(stranger, async (client) => (await client.query(sql, [id])).rowCount);

    expect((await pool().query("SELECT FROM sessions")).rowCount).toBe(0);
    expect(await asStranger("SELECT FROM sessions WHERE id = $1")).toBe(0);
    expect(await asStranger("DELETE FROM sessions WHERE id = $1")).toBe(0);
    expect(await asStranger("UPDATE sessions SET expires_at = now() + interval '1 day' WHERE id = $1")).toBe(
      0,
    );
    expect(await sessionsOf(userId)).toEqual([{ id }]);
  });
});
