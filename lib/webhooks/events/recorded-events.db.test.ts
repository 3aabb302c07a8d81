import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { recordFailure, recordSuccess } from "@/lib/app-health/app-state";
import type { AppRef } from "@/lib/app-ref";
import { grant } from "@/lib/auth/actor";
import { countCall, writeCounts } from "@/lib/calls/quota/count-calls";
import { makeCall } from "@/lib/calls/test-support/make-call";
import { inOrganization, inOrganizationSql } from "@/lib/db/unit-of-work";
import { DingtalkError } from "@/lib/dingtalk/errors";
import { decideRun } from "@/lib/directory/runs/decide-run";
import { CORP, openApp, syncNow, treeOf } from "@/lib/testing/directory-sync";
import { tokenTests } from "@/lib/testing/token-tests";
import { listEvents } from "./list-events";

beforeAll(() => {
  process.env.WEBHOOK_ALLOW_PRIVATE = "1";
});

/** Reads all events of the app's organization. */
async function readAll({ organizationId }: Pick<AppRef, "organizationId">) {
  const actor = grant({ organizationId, role: "viewer", userId: crypto.randomUUID() }, "webhook.read");
  return (await listEvents(actor, { limit: 1_000, appIds: null })).events;
}

const typesOf = async (app: AppRef) => (await readAll(app)).map(({ type }) => type);

describe("events of the directory", () => {
  test("replaying the events of syncs in order gives the directory's final tree", async () => {
    const { dingtalk, organization, app, tools } = await openApp(19);
    await syncNow(organization, app, tools);
    dingtalk.control.churn(CORP, { count: 25, seed: 7 });
    await syncNow(organization, app, tools);
    dingtalk.control.churn(CORP, { count: 25, seed: 8 });
    await syncNow(organization, app, tools);

    const replayed = new Map<number, { readonly parentId: number | null; readonly name: unknown }>();
    for (const { type, data } of await readAll(app)) {
      if (!type.startsWith("department.")) continue;
      const { id, after } = data as { id: string; after: { parentId: string | null; name: string } | null };
      if (after === null) replayed.delete(Number(id));
      else {
        const parentId = after.parentId === null ? null : Number(after.parentId);
        replayed.set(Number(id), { parentId, name: after.name });
      }
    }
    expect(replayed.size).toBeGreaterThan(10);
    expect(replayed).toEqual(await treeOf(app));
  });

  test("a sync that succeeds, one that waits for approval and its approval are events", async () => {
    const { dingtalk, organization, app, tools } = await openApp(19);
    const run = await syncNow(organization, app, tools);
    const events = await readAll(app);
    expect(events.find(({ type }) => type === "sync.succeeded")).toMatchObject({
      appId: app.appId,
      data: { syncId: run.id, revision: 1, isPreview: false, error: null, heldFor: [] },
    });
    await inOrganization(app, (tx) =>
      tx.directorySettings.create({
        data: {
          organizationId: app.organizationId,
          appId: app.appId,
          departmentsRemovable: 0,
          membersRemovable: 0,
        },
      }),
    );
    dingtalk.control.churn(CORP, { count: 60, seed: 3 });
    const held = await syncNow(organization, app, tools);
    expect(held.state).toBe("held");
    expect((await readAll(app)).at(-1)).toMatchObject({ type: "sync.held", data: { syncId: held.id } });
    const decider = grant({ ...organization, role: "owner" }, "directory.decide");
    await decideRun(decider, held.id, { decision: "without_removals", reason: "" });

    expect((await readAll(app)).slice(-1)).toMatchObject([
      { type: "sync.succeeded", data: { syncId: held.id, revision: 2 } },
    ]);
  });
});

describe("events of tokens and apps", () => {
  const { simulator, newTokenService, runSchedule, makeDue } = tokenTests("webhooks");

  beforeEach(() => simulator.control.clearFaults());

  test("renewals, failures and the app's states are events without a token", async () => {
    const service = newTokenService();
    const { app, caller } = await makeDue(service);
    simulator.control.addFault({ fault: { kind: "status", status: 500 } });
    await runSchedule(service, app);
    simulator.control.clearFaults();
    simulator.control.advanceClock(60_000);
    await runSchedule(service, app);

    expect(await typesOf(app)).toEqual([
      "token.renewed",
      "token.failed",
      "app.degraded",
      "token.renewed",
      "app.verified",
    ]);
    const events = await readAll(app);
    expect(events[1]?.data).toMatchObject({ version: 1, error: { kind: "temporary_fault" } });
    expect(events[2]?.data).toMatchObject({ fault: { kind: "temporary_fault" } });
    expect(events[3]?.data).toEqual({ version: 2, expiresAt: expect.stringMatching(/^20.*Z$/) });
    expect(JSON.stringify(events)).not.toContain((await caller.token.current()).reveal());
  });

  test("a state that stays the same is no event", async () => {
    const service = newTokenService();
    const { app } = await makeDue(service);
    const at = new Date();
    const error = new DingtalkError({
      kind: "temporary_fault",
      api: "oauth2/accessToken",
      upstream: { host: "" },
    });
    await inOrganizationSql(app, (client) => recordFailure(client, app, error, { at }));
    await inOrganizationSql(app, (client) => recordFailure(client, app, error, { at }));
    await inOrganizationSql(app, (client) => recordSuccess(client, app, "worked", at));
    await inOrganizationSql(app, (client) => recordSuccess(client, app, "worked", at));

    expect((await typesOf(app)).filter((type) => type.startsWith("app."))).toEqual([
      "app.degraded",
      "app.verified",
    ]);
  });

  test("a used-up quota and the approach to it are one event each", async () => {
    const service = newTokenService();
    const { app } = await makeDue(service);
    await inOrganization(app, (tx) =>
      tx.dingtalkApp.updateMany({
        where: { organizationId: app.organizationId },
        data: { callsPerMonth: 5 },
      }),
    );
    const send = { host: "oapi", path: "topapi/message/corpconversation/asyncsend_v2" } as const;
    for (const _ of [1, 2, 3, 4]) countCall(makeCall(app, { ...send, atMs: Date.now() }));
    await writeCounts();
    for (const _ of [1, 2]) {
      countCall(
        makeCall(app, { ...send, outcome: "dingtalk_refused", errcode: "90020", atMs: Date.now() + 1 }),
      );
      await writeCounts();
    }

    expect((await typesOf(app)).filter((type) => type.startsWith("quota."))).toEqual([
      "quota.near",
      "quota.used_up",
    ]);
  });
});
