import { describe, expect, test } from "vitest";
import { grant } from "@/lib/auth/actor";
import { inOrganization } from "@/lib/db/unit-of-work";
import {
  asAdmin,
  CORP,
  connectApp,
  makeOrganization,
  openDingtalk,
  readDepartments,
  syncNow,
  TEST_APP_KEY,
  toolsFor,
  treeOf,
  truthOf,
} from "@/lib/testing/directory-sync";
import { decideRun } from "../runs/decide-run";

// Complaints about other products, each with the public thread that reports it.

/** An app of a simulated DingTalk, and functions that read the stored members. */
async function openApp(size = 19) {
  const dingtalk = await openDingtalk(size);
  const organization = await makeOrganization();
  const app = await connectApp(organization);
  const sync = (whole = false) => syncNow(organization, app, toolsFor(dingtalk, { triesWhole: whole }));
  const change = (...changes: Parameters<typeof dingtalk.control.changeDirectory>[1]) =>
    dingtalk.control.changeDirectory(CORP, changes);
  const people = async () => {
    const rows = await asAdmin<{ id: string; name: string; places: number[]; isActive: boolean | null }>(
      `SELECT m.user_id AS id, m.name, m.is_active AS "isActive",
         array(SELECT p.department_id::int FROM member_place p WHERE p.organization_id = m.organization_id
           AND p.app_id = m.app_id AND p.user_id = m.user_id ORDER BY 1) AS places
       FROM member m WHERE m.organization_id = $1 AND m.app_id = $2 AND m.removed_at IS NULL`,
      [app.organizationId, app.appId],
    );
    return new Map(rows.map(({ id, ...rest }) => [id, rest]));
  };
  const settings = (data: {
    departmentsRemovable?: number;
    membersRemovable?: number;
    includeIds?: bigint[];
    excludeIds?: bigint[];
  }) => inOrganization(organization, (tx) => tx.directorySettings.create({ data: { ...app, ...data } }));
  const { organizationId, userId } = organization;
  const decider = grant({ organizationId, role: "admin", userId }, "directory.decide");
  return { dingtalk, control: dingtalk.control, organization, app, sync, change, people, settings, decider };
}

/** Returns the true members by department. */
function peopleOf({ control }: Awaited<ReturnType<typeof openDingtalk>>): Map<string, number[]> {
  const found = new Map<string, number[]>();
  for (const { id } of control.listDepartments(CORP)) {
    for (const { userid } of control.listMembers(CORP, id)) {
      found.set(
        userid,
        [...(found.get(userid) ?? []), id].sort((a, b) => a - b),
      );
    }
  }
  return found;
}

const placesOf = (people: ReadonlyMap<string, { readonly places: readonly number[] }>) =>
  new Map([...people].map(([id, { places }]) => [id, places]));

describe("complaints about other products: incomplete trees", () => {
  test("casdoor#5035, casdoor#4873, MaxKey#218: reads all levels and over 100 members of one department", async () => {
    const { dingtalk, app, sync, people } = await openApp(60);
    expect(await sync()).toMatchObject({ state: "succeeded", isComplete: true });
    expect(await treeOf(app)).toEqual(truthOf(dingtalk));
    const truth = peopleOf(dingtalk);
    expect(placesOf(await people())).toEqual(truth);
    const largest = Math.max(
      ...dingtalk.control
        .listDepartments(CORP)
        .map(({ id }) => dingtalk.control.listMembers(CORP, id).length),
    );
    expect(largest).toBeGreaterThan(200);
    expect([...truth.values()].some((places) => places.length > 1)).toBe(true);
    expect([...truth.values()].some((places) => places.includes(1))).toBe(true);
  });

  test("casdoor#4819, MaxKey#274: reports the missing permission for members", async () => {
    const { control, app, dingtalk, sync, people } = await openApp();
    control.changeApp(TEST_APP_KEY, { permissions: ["qyapi_base", "qyapi_get_department_list"] });
    expect(await sync()).toMatchObject({ state: "succeeded", error: { kind: "members_not_permitted" } });
    expect(await treeOf(app)).toEqual(truthOf(dingtalk));
    expect((await people()).size).toBe(0);
  });

  test("go-ldap-admin#298: reads a partial scope from its roots, and its single people", async () => {
    const { control, dingtalk, sync, people, app } = await openApp(60);
    const [root = 0] = [...truthOf(dingtalk)].filter(([, { parentId }]) => parentId === 1).map(([id]) => id);
    const alone = control.listMembers(CORP, 1).find(
      ({ userid }) =>
        !peopleOf(dingtalk)
          .get(userid)
          ?.some((id) => id !== 1),
    );
    control.changeApp(TEST_APP_KEY, { scope: { departments: [root], users: [alone?.userid ?? ""] } });
    expect(await sync()).toMatchObject({ state: "succeeded", isComplete: true });
    expect([...(await treeOf(app)).keys()]).not.toContain(1);
    expect((await people()).get(alone?.userid ?? "")).toMatchObject({ places: [] });
  });

  test("go-ldap-admin#291, #371, virtual-ldap#19: ignores negative department ids", async () => {
    const { dingtalk, sync, people, change } = await openApp();
    change({
      op: "add_person",
      name: "家长",
      userid: "parent",
      departments: [1],
      fields: { dept_id_list: [1, -7, -1] },
    });
    expect(await sync()).toMatchObject({ state: "succeeded", isComplete: true });
    expect((await people()).get("parent")).toMatchObject({ places: [1] });
    expect((await people()).size).toBe(peopleOf(dingtalk).size);
  });

  test("MaxKey#271, JeecgBoot#2990: accepts missing and unknown fields", async () => {
    const { sync, people, change } = await openApp();
    change({
      op: "add_person",
      name: "无字段",
      userid: "bare",
      departments: [1],
      fields: { title: undefined, job_number: undefined, x_new_field: { a: 1 } },
    });
    expect(await sync()).toMatchObject({ state: "succeeded", isComplete: true });
    expect((await people()).get("bare")).toMatchObject({ name: "无字段" });
  });

  test("odooDingTalk#51: puts children below parents that come later", async () => {
    const { dingtalk, app, sync, control } = await openApp();
    control.setSettings({ legacyDepartmentApi: "open" });
    const whole = await sync(true);
    expect(whole).toMatchObject({ state: "succeeded", strategy: "whole", isComplete: true });
    expect(whole.callsByApi).toMatchObject({ "department/list": 1 });
    expect(whole.callsByApi).not.toHaveProperty(["topapi/v2/department/listsub"]);
    expect(await treeOf(app)).toEqual(truthOf(dingtalk));
    // The legacy call returns no undocumented fields, so the first listsub read reports them as changed, once
    control.setSettings({ legacyDepartmentApi: "closed" });
    const levels = await sync(true);
    expect(levels).toMatchObject({ state: "succeeded", strategy: "levels", added: 0, moved: 0, removed: 0 });
    control.setSettings({ legacyDepartmentApi: "open" });
    expect(await sync(true)).toMatchObject({
      strategy: "levels",
      added: 0,
      changed: 0,
      moved: 0,
      removed: 0,
    });
  });

  test("go-ldap-admin#189, #237: reads only the chosen departments", async () => {
    const { dingtalk, control, app, sync, settings } = await openApp(40);
    const top = [...truthOf(dingtalk)].filter(([, { parentId }]) => parentId === 1).map(([id]) => id);
    await settings({ excludeIds: [BigInt(top[0] ?? 0)] });
    expect(await sync()).toMatchObject({ state: "succeeded", isComplete: true });
    const tree = await treeOf(app);
    expect([...tree.keys()]).not.toContain(top[0]);
    expect(tree.size).toBeGreaterThan(1);
    const calls = control.readCalls({ path: "topapi/v2/department/listsub" }).total;
    expect(calls).toBe(tree.size);
  });
});

describe("complaints about other products: members who left", () => {
  test("go-ldap-admin#332, casdoor#3600, authentik#12722: marks deleted members as removed", async () => {
    const { app, dingtalk, sync, change, people } = await openApp();
    await sync();
    const gone = [...peopleOf(dingtalk).keys()].slice(0, 3);
    change(...gone.map((userid) => ({ op: "remove_person" as const, userid })));
    expect(await sync()).toMatchObject({ state: "succeeded", membersRemoved: 3, membersAdded: 0 });
    expect(placesOf(await people())).toEqual(peopleOf(dingtalk));
    expect(
      await asAdmin(`SELECT FROM member WHERE app_id = $1 AND removed_at IS NOT NULL`, [app.appId]),
    ).toHaveLength(3);
  });

  test("finds a member who moved into a part already read, and marks inactive members", async () => {
    const { dingtalk, control, sync, people, change } = await openApp(40);
    await sync();
    const [moving = ""] =
      [...peopleOf(dingtalk)].findLast(([, places]) => places.length === 1 && places[0] !== 1) ?? [];
    const [idle = ""] = [...peopleOf(dingtalk).keys()];
    expect(idle).not.toBe(moving);
    change({ op: "change_person", userid: idle, isActive: false });
    control.addFault({
      path: "topapi/v2/user/list",
      afterCalls: 6,
      times: 1,
      fault: {
        kind: "change",
        corpId: CORP,
        changes: [{ op: "change_person", userid: moving, departments: [1] }],
      },
    });
    expect(await sync()).toMatchObject({ state: "succeeded", isComplete: true, membersRemoved: 0 });
    expect(placesOf(await people())).toEqual(peopleOf(dingtalk));
    expect((await people()).get(idle)).toMatchObject({ isActive: false });
  });
});

describe("complaints about other products: unintended removals", () => {
  test("Polis, ssosync#159, snappymail#2060: removes no one after empty pages", async () => {
    const { control, sync, people } = await openApp();
    await sync();
    const before = await people();
    const body = '{"errcode":0,"errmsg":"ok","result":{"has_more":false,"list":[]},"request_id":"r"}';
    control.addFault({ path: "topapi/v2/user/list", fault: { kind: "body", body } });
    const run = await sync();
    expect(run).toMatchObject({ membersRemoved: 0 });
    expect(await people()).toEqual(before);
  });

  test("directory-connector#107: holds a run whose answer contains no members, however few they were", async () => {
    const { dingtalk, change, sync, people } = await openApp(0);
    change({ op: "add_person", name: "一", userid: "one", departments: [1] });
    const others = [...peopleOf(dingtalk).keys()].filter((id) => id !== "one");
    change(...others.map((userid) => ({ op: "remove_person" as const, userid })));
    await sync();
    expect([...(await people()).keys()]).toEqual(["one"]);
    change({ op: "remove_person", userid: "one" });
    expect(await sync()).toMatchObject({
      state: "held",
      membersRemoved: 1,
      heldFor: [{ kind: "members_empty", held: 1 }],
    });
    expect((await people()).size).toBe(1);
  });

  test("open-ace#3020, authentik#19295, go-ldap-admin#216: keeps tree and members after a fault in the read", async () => {
    const { control, sync, people, app } = await openApp();
    await sync();
    const [tree, before] = [await treeOf(app), await people()];
    control.addFault({
      path: "topapi/v2/user/list",
      afterCalls: 5,
      fault: { kind: "errcode", errcode: 60019 },
    });
    expect(await sync()).toMatchObject({ isComplete: false, removed: 0, membersRemoved: 0 });
    expect(await treeOf(app)).toEqual(tree);
    expect(await people()).toEqual(before);
  });

  test("dim#89, owncloud#29547, directory-connector#107: holds removals above the limits until approved", async () => {
    const { dingtalk, change, sync, people, settings, decider } = await openApp();
    await settings({ membersRemovable: 4 });
    await sync();
    const gone = [...peopleOf(dingtalk).keys()].slice(0, 5);
    change(...gone.map((userid) => ({ op: "remove_person" as const, userid })));
    const held = await sync();
    expect(held).toMatchObject({
      state: "held",
      membersRemoved: 5,
      heldFor: [{ kind: "members_above", removals: 5 }],
    });
    const decision = await decideRun(decider, held.id, { decision: "all", removals: 5, reason: "裁撤" });
    expect(decision).toMatchObject({ ok: true });
    expect(placesOf(await people())).toEqual(peopleOf(dingtalk));

    // azure-docs#35848: a decision applies one run and raises no limit
    change(
      ...[...peopleOf(dingtalk).keys()]
        .slice(0, 5)
        .map((userid) => ({ op: "remove_person" as const, userid })),
    );
    expect(await sync()).toMatchObject({ state: "held" });
  });

  test("entra: holds a tenth of everything from ten removals on, and applies less", async () => {
    const { change, sync, app } = await openApp(0);
    const ids = Array.from({ length: 40 }, (_, n) => 880_000_001 + n);
    change(...ids.map((id) => ({ op: "add_department" as const, parentId: 1, id, name: `组 ${id}` })));
    await sync();
    const remove = (some: readonly number[]) =>
      change(...some.map((id) => ({ op: "remove_department" as const, id })));
    remove(ids.slice(0, 9));
    expect(await sync()).toMatchObject({ state: "succeeded", removed: 9 });
    remove(ids.slice(9, 19));
    expect(await sync()).toMatchObject({
      state: "held",
      heldFor: [{ kind: "departments_above", removals: 10, of: 32 }],
    });
    expect([...(await readDepartments(app)).values()].filter(({ removedAt }) => removedAt)).toHaveLength(9);
  });
});
