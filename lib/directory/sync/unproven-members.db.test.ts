import { describe, expect, test } from "vitest";
import {
  asAdmin,
  CORP,
  connectApp,
  makeOrganization,
  openDingtalk,
  queueSync,
  syncNow,
  toolsFor,
} from "@/lib/testing/directory-sync";
import { beginRun } from "../runs/begin-run";
import { directoryStore } from "./directory-store";
import { planRun } from "./plan/plan-run";
import { readNothing } from "./test-support/read-nothing";

const GET_MEMBER = "topapi/v2/user/get";
const LIST_MEMBERS = "topapi/v2/user/list";
const errcode = (code: number) => ({ kind: "errcode", errcode: code }) as const;

/** A synced directory from which two members and a department with one member were deleted since. */
async function openChanged() {
  const dingtalk = await openDingtalk(8);
  const { control } = dingtalk;
  const organization = await makeOrganization();
  const app = await connectApp(organization);
  control.changeDirectory(CORP, [
    { op: "add_department", parentId: 1, id: 900, name: "人事部" },
    { op: "add_person", name: "张三", userid: "zhang", departments: [900] },
    { op: "add_person", name: "李四", userid: "li", departments: [1] },
  ]);
  const sync = () => syncNow(organization, app, toolsFor(dingtalk, { pausesMs: [] }));
  await sync();
  control.changeDirectory(CORP, [
    { op: "remove_person", userid: "zhang" },
    { op: "remove_person", userid: "li" },
  ]);
  const removed = async () =>
    (
      await asAdmin<{ id: string }>(
        "SELECT user_id AS id FROM member WHERE app_id = $1 AND removed_at IS NOT NULL ORDER BY 1",
        [app.appId],
      )
    ).map(({ id }) => id);
  /** Returns the time of the last complete read. */
  const fullAt = async () => {
    const [row] = await asAdmin<{ at: Date }>("SELECT full_at AS at FROM directory WHERE app_id = $1", [
      app.appId,
    ]);
    return row?.at;
  };
  return { control, sync, removed, fullAt };
}

describe("members who are in no list", () => {
  test("unlisted members stay while the app may not look them up, and are removed once it may", async () => {
    const { control, sync, removed, fullAt } = await openChanged();
    control.addFault({ path: GET_MEMBER, fault: errcode(60011) });
    const before = await fullAt();

    expect(await sync()).toMatchObject({
      state: "succeeded",
      isComplete: false,
      membersRemoved: 0,
      error: { kind: "members_unproven", count: 2 },
    });
    expect(await removed()).toEqual([]);
    expect(await fullAt()).toEqual(before);
    control.clearFaults();
    expect(await sync()).toMatchObject({ isComplete: true, membersRemoved: 2 });
    expect(await removed()).toEqual(["li", "zhang"]);
  });

  test("unlisted members stay while the members of a department can't be read", async () => {
    const { control, sync, removed } = await openChanged();
    control.addFault({ path: LIST_MEMBERS, fault: errcode(60019) });

    expect(await sync()).toMatchObject({ state: "succeeded", isComplete: false, membersRemoved: 0 });
    expect(await removed()).toEqual([]);
  });
});

test("members keep their place in a department whose pages were not all read", async () => {
  const dingtalk = await openDingtalk(8);
  const { control } = dingtalk;
  const organization = await makeOrganization();
  const app = await connectApp(organization);
  // A page has 100 members. All members are also in another department, which is read
  const people = Array.from({ length: 110 }, (_, index) => ({
    op: "add_person" as const,
    name: `员工${index}`,
    userid: `p${index}`,
    departments: [900, 901],
  }));
  control.changeDirectory(CORP, [
    { op: "add_department", parentId: 1, id: 900, name: "一部" },
    { op: "add_department", parentId: 1, id: 901, name: "二部" },
    ...people,
  ]);
  const sync = () => syncNow(organization, app, toolsFor(dingtalk, { pausesMs: [] }));
  await sync();
  control.addFault({ path: LIST_MEMBERS, deptId: 900, afterCalls: 1, fault: errcode(60019) });
  control.addFault({ path: GET_MEMBER, fault: errcode(60011) });

  expect(await sync()).toMatchObject({ state: "succeeded", isComplete: false, membersMoved: 0 });
  const places = await asAdmin(
    `SELECT department_id::int AS id, count(*)::int AS people FROM member_place
     WHERE app_id = $1 AND department_id IN (900, 901) GROUP BY 1 ORDER BY 1`,
    [app.appId],
  );
  expect(places).toEqual([
    { id: 900, people: 110 },
    { id: 901, people: 110 },
  ]);
});

test("an incomplete read plans no removal, no matter what it says of single departments", async () => {
  const dingtalk = await openDingtalk(8);
  const organization = await makeOrganization();
  const app = await connectApp(organization);
  await syncNow(organization, app, toolsFor(dingtalk));
  const run = await beginRun(await queueSync(organization, app));
  if (!run) throw new Error("no run");
  const held = await directoryStore(app).loadDepartments();
  const gone = { gone: new Set(["1"]) };

  const complete = await planRun(run, readNothing(gone), held);
  expect(complete).toMatchObject({ departments: { removed: 1 } });
  expect(complete.members.removed).toBeGreaterThan(0);
  await asAdmin("DELETE FROM directory_change WHERE set_id = $1", [run.runId]);
  await asAdmin("DELETE FROM change_set WHERE id = $1", [run.runId]);
  const incompleteFor = { kind: "members_not_permitted" } as const;
  expect(await planRun(run, readNothing({ ...gone, incompleteFor }), held)).toMatchObject({
    departments: { removed: 0 },
    members: { removed: 0 },
  });
});
