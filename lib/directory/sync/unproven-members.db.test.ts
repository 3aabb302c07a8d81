import { describe, expect, test } from "vitest";
import {
  asAdmin,
  CORP,
  connectApp,
  makeOrganization,
  openDingtalk,
  syncNow,
  toolsFor,
} from "@/lib/testing/directory-sync";

const GET_MEMBER = "topapi/v2/user/get";
const LIST_MEMBERS = "topapi/v2/user/list";
const errcode = (code: number) => ({ kind: "errcode", errcode: code }) as const;

/** A synced directory, of which two people and a department with one more person are gone since. */
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
  return { control, sync, removed };
}

describe("members who are in no list", () => {
  test("stay when the app may not ask whether they are gone, and go once it may", async () => {
    const { control, sync, removed } = await openChanged();
    control.addFault({ path: GET_MEMBER, fault: errcode(60011) });

    expect(await sync()).toMatchObject({
      state: "succeeded",
      isComplete: false,
      membersRemoved: 0,
      error: { kind: "members_unproven", count: 2 },
    });
    expect(await removed()).toEqual([]);
    control.clearFaults();
    expect(await sync()).toMatchObject({ isComplete: true, membersRemoved: 2 });
    expect(await removed()).toEqual(["li", "zhang"]);
  });

  test("stay while the members of departments can't be read, for they may be there", async () => {
    const { control, sync, removed } = await openChanged();
    control.addFault({ path: LIST_MEMBERS, fault: errcode(60019) });

    expect(await sync()).toMatchObject({ state: "succeeded", isComplete: false, membersRemoved: 0 });
    expect(await removed()).toEqual([]);
  });
});
