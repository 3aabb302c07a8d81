import { expect, test } from "vitest";
import { memberState, storeHeldRun } from "@/lib/directory/apply/test-support/store-set";
import { plantPeople } from "@/lib/directory/members/test-support/plant-people";
import { asAdmin } from "@/lib/directory/tree/test-support/make-directory";
import { plantApp } from "@/lib/directory/tree/test-support/plant";
import { defineRoute } from "@/lib/http/define-route";
import { makeService } from "@/lib/testing/service";
import { answerMembers } from "./answer-members";
import { answerApply, answerReject, planAfterAnswer } from "./answer-sync-plan";
import { listMembersContract } from "./members";
import { applySyncContract, getSyncPlanContract, rejectSyncContract } from "./sync-plan";

const plan = defineRoute(getSyncPlanContract, planAfterAnswer);
const apply = defineRoute(applySyncContract, answerApply);
const reject = defineRoute(rejectSyncContract, answerReject);
const members = defineRoute(listMembersContract, answerMembers);

/** A plan that removes two people, adds one and renames one. */
async function makeHeld() {
  const service = await makeService();
  const { organizationId } = service.organization;
  const made = await asAdmin(async (client) => {
    const [appId, other] = [await plantApp(client, organizationId), await plantApp(client, organizationId)];
    const named = ["li", "wang", "zhao"].map((id) => ({ id, name: id }));
    await plantPeople(client, { organizationId, appId }, { members: named });
    await client.query("INSERT INTO directory (organization_id, app_id, revision) VALUES ($1, $2, 1)", [
      organizationId,
      appId,
    ]);
    const syncId = await storeHeldRun(client, { organizationId, appId }, [
      { objectId: "chen", kind: "added", after: memberState("陈四", organizationId) },
      { objectId: "zhao", kind: "renamed", before: memberState("zhao"), after: memberState("赵三") },
      { objectId: "li", kind: "removed", before: memberState("li") },
      { objectId: "wang", kind: "removed", before: memberState("wang") },
    ]);
    return { appId, other, syncId };
  });
  const { appId, syncId } = made;
  const call = (handler: Parameters<typeof service.call>[0], sent: object = {}) =>
    service.call(handler, { params: { appId, syncId }, ...sent });
  const people = async () => {
    const { body } = await service.call(members, { params: { appId } });
    return (body as { members: { userId: string }[] }).members.map(({ userId }) => userId);
  };
  return { ...service, ...made, call, people };
}

test("returns a held sync's plan by page and filter, with counts and the reason, without personal values", async () => {
  const { call, organization } = await makeHeld();
  const { body } = await call(plan, { query: "?limit=3" });
  expect(body).toMatchObject({
    heldFor: [{ kind: "members_above", removals: 2, of: 3 }],
    counts: [
      { object: "member", kind: "added", outcome: null, count: 1 },
      { object: "member", kind: "removed", outcome: null, count: 2 },
      { object: "member", kind: "renamed", outcome: null, count: 1 },
    ],
    changes: [
      { id: "chen" },
      { id: "zhao", before: { name: "zhao" }, after: { name: "赵三" } },
      { id: "li" },
    ],
    nextCursor: "Mw",
  });
  expect(JSON.stringify(body)).not.toContain(organization.organizationId);
  const of = async (query: string) => {
    const received = await call(plan, { query });
    return (received.body as { changes: { id: string }[] }).changes.map(({ id }) => id);
  };
  for (const [query, ids] of [
    ["?limit=3&cursor=Mw", ["wang"]],
    ["?kind=removed", ["li", "wang"]],
    ["?q=赵", ["zhao"]],
    ["?q=wang", ["wang"]],
    ["?object=department", []],
  ] as const) {
    expect([query, await of(query)]).toEqual([query, ids]);
  }
});

test("applies a sync without its removals and refuses a second decision", async () => {
  const { call, people } = await makeHeld();
  const body = { removals: false, reason: "权限范围改错了" };
  const applied = await call(apply, { body });
  expect(applied.body).toMatchObject({
    skipped: 0,
    sync: {
      state: "succeeded",
      decision: "without_removals",
      decidedByKey: "erp",
      decisionReason: body.reason,
    },
  });
  expect(await people()).toEqual(["chen", "li", "wang", "zhao"]);
  for (const second of [await call(apply, { body }), await call(reject, { body: { reason: "no" } })]) {
    expect(second).toMatchObject({ status: 409, body: { code: "conflict", detail: "already_decided" } });
  }
});

test("requires the exact number of removals, and finds no sync under another app's path", async () => {
  const { call, people, other, syncId } = await makeHeld();
  const all = (confirmRemovals?: number) =>
    call(apply, { body: { removals: true, confirmRemovals, reason: "yes" } });
  expect((await all()).status).toBe(422);
  expect((await all(3)).body).toMatchObject({ status: 409, detail: "wrong_number" });
  for (const handler of [apply, plan]) {
    const body = handler === apply ? { removals: false, reason: "x" } : undefined;
    expect((await call(handler, { params: { appId: other, syncId }, ...(body && { body }) })).status).toBe(
      404,
    );
  }
  expect(await people()).toEqual(["li", "wang", "zhao"]);
  expect((await all(2)).body).toMatchObject({ sync: { decision: "all" } });
  expect(await people()).toEqual(["chen", "zhao"]);
});

test("changes nothing when a sync is rejected", async () => {
  const { call, people } = await makeHeld();
  const { body } = await call(reject, { body: { reason: "算了" } });
  expect(body).toMatchObject({ skipped: 0, sync: { state: "rejected", decision: "rejected" } });
  expect(await people()).toEqual(["li", "wang", "zhao"]);
});
