import { describe, expect, test, vi } from "vitest";
import { addUserWithOrganization } from "@/lib/auth/sign-up";
import { inOrganizationSql, inPersonSql } from "@/lib/db/unit-of-work";
import type { AppRef } from "@/lib/tokens/app-ref";
import { sweepRenewals } from "@/lib/tokens/sweep-renewals";
import { makeApp, makeOrganization } from "@/lib/tokens/test-support/make-app";
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
    const organizationId = await makeOrganization();
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
    const organizationId = await makeOrganization();
    const app = await makeAppWithRow(organizationId, row);
    await sweepRenewals(organizationId, NOW);

    expect(await jobsOf(app)).toEqual([]);
  });

  test("touches no other organization", async () => {
    const [mine, theirs] = [await makeOrganization(), await makeOrganization()];
    const app = await makeAppWithRow(theirs, { renewAt: NOW - 2 * MINUTE });
    await sweepRenewals(mine, NOW);

    expect(await jobsOf(app)).toEqual([]);
  });
});

describe("a walk", () => {
  test("comes to every organization, and one that fails is no other's loss", async () => {
    const made = await Promise.all([makeOrganization(), makeOrganization(), makeOrganization()]);
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

test("housekeeping takes away what has run out, and nothing else", async () => {
  const made = await addUserWithOrganization({
    email: `${crypto.randomUUID()}@example.com`,
    organization: "Keeping",
    passwordHash: null,
  });
  if (!made.ok) throw new Error("set-up failed");
  const { userId } = made.value;
  const insert = (id: string, hours: number) =>
    inPersonSql({ userId, sessionId: id }, (client) =>
      client.query(
        `INSERT INTO sessions (id, user_id, expires_at, address, user_agent)
         VALUES ($1, $2, now() + make_interval(hours => $3), '', '')`,
        [id, userId, hours],
      ),
    );
  const [dead, alive] = [crypto.randomUUID(), crypto.randomUUID()];
  await insert(dead, -1);
  await insert(alive, 1);
  await admin.query(
    "INSERT INTO throttle (key, points, expire) VALUES ('dead', 1, 1), ('alive', 1, 99999999999999)",
  );
  await housekeepingJob({}, { id: "", tries: 1, signal });

  const { rows: sessions } = await admin.query("SELECT id FROM sessions WHERE user_id = $1", [userId]);
  expect(sessions).toEqual([{ id: alive }]);
  expect((await admin.query("SELECT key FROM throttle")).rows).toEqual([{ key: "alive" }]);
});
