import { describe, expect, test } from "vitest";
import { DEFAULT_CORP_ID } from "./start-simulator";
import { type OpenSimulator, openSimulator } from "./testing/open-simulator";

const change = ({ control }: OpenSimulator, ...changes: Parameters<typeof control.changeDirectory>[1]) =>
  control.changeDirectory(DEFAULT_CORP_ID, changes);

const listNames = async ({ topapi }: OpenSimulator, id = 1): Promise<string[]> =>
  (await topapi("v2/department/listsub", { dept_id: id })).result.map(({ name }) => name);

const listUserids = async ({ topapi }: OpenSimulator, id: number): Promise<string[]> =>
  (await topapi("user/listid", { dept_id: id })).result.userid_list;

/** Starts a simulator with an empty organization. */
const openEmpty = () => openSimulator({ organizations: [{ corpId: DEFAULT_CORP_ID, size: 0 }] });

describe("changing departments", () => {
  test("a department can be added, renamed, moved, ranked and removed", async () => {
    const simulator = await openEmpty();
    const ids = change(
      simulator,
      { op: "add_department", parentId: 1, name: "研发中心", order: 10 },
      { op: "add_department", parentId: 1, name: "市场部", order: 20 },
    );
    const [first, second] = ids.map(Number) as [number, number];
    expect(await listNames(simulator)).toEqual(["研发中心", "市场部"]);

    change(
      simulator,
      { op: "order_department", id: second, order: 5 },
      { op: "rename_department", id: first, name: "研究院" },
    );
    expect(await listNames(simulator)).toEqual(["市场部", "研究院"]);

    change(simulator, { op: "move_department", id: first, parentId: second });
    expect(await listNames(simulator)).toEqual(["市场部"]);
    expect(await listNames(simulator, second)).toEqual(["研究院"]);

    change(simulator, { op: "remove_department", id: second });
    expect(await listNames(simulator)).toEqual([]);
    expect(await simulator.topapi("v2/department/get", { dept_id: first })).toMatchObject({ errcode: 60003 });
  });

  test("answers contain fields that were set on a department", async () => {
    const simulator = await openEmpty();
    const [id] = change(simulator, {
      op: "add_department",
      parentId: 1,
      name: "甲",
      fields: { source_identifier: "HR-1" },
    });

    expect((await simulator.topapi("v2/department/listsub")).result).toMatchObject([
      { dept_id: id, source_identifier: "HR-1" },
    ]);
  });

  test("nothing can be moved below itself, and the root can be neither moved nor removed", async () => {
    const simulator = await openEmpty();
    change(
      simulator,
      { op: "add_department", parentId: 1, name: "甲", id: 71 },
      { op: "add_department", parentId: 71, name: "乙", id: 72 },
    );

    expect(() => change(simulator, { op: "move_department", id: 71, parentId: 72 })).toThrow(
      "72 is below 71",
    );
    expect(() => change(simulator, { op: "move_department", id: 71, parentId: 71 })).toThrow();
    expect(() => change(simulator, { op: "remove_department", id: 1 })).toThrow("root");
    expect(() => change(simulator, { op: "add_department", parentId: 1, name: "甲", id: 71 })).toThrow(
      "already",
    );
  });

  test.each([
    ["to_parent", ["u1", "u2"], true],
    ["leave", ["u2"], false],
  ] as const)(
    "removing a department with people %s treats its people accordingly",
    async (people, inParent, isThere) => {
      const simulator = await openEmpty();
      change(
        simulator,
        { op: "add_department", parentId: 1, name: "甲", id: 71 },
        { op: "add_department", parentId: 71, name: "乙", id: 72 },
        { op: "add_department", parentId: 72, name: "丙", id: 73 },
        { op: "add_person", userid: "u1", name: "王伟", departments: [73] },
        { op: "add_person", userid: "u2", name: "李娜", departments: [73, 71] },
        { op: "remove_department", id: 72, people },
      );

      expect((await listUserids(simulator, 71)).toSorted()).toEqual(inParent);
      expect((await simulator.topapi("v2/user/get", { userid: "u1" })).errcode === 0).toBe(isThere);
      expect((await simulator.topapi("v2/user/get", { userid: "u2" })).result.dept_id_list).toEqual([71]);
    },
  );

  test("removing a generated division leaves nobody in a removed department", async () => {
    const simulator = await openSimulator();
    const top = simulator.control.listDepartments(DEFAULT_CORP_ID).find(({ parentId }) => parentId === 1);
    change(simulator, { op: "remove_department", id: top?.id ?? 0, people: "leave" });

    const departments = simulator.control.listDepartments(DEFAULT_CORP_ID);
    const ids = new Set(departments.map(({ id }) => id));
    const people = departments.flatMap(({ id }) => simulator.control.listMembers(DEFAULT_CORP_ID, id));
    expect(people.flatMap(({ memberships }) => memberships).filter(({ deptId }) => !ids.has(deptId))).toEqual(
      [],
    );
    expect(new Set(people.map(({ userid }) => userid)).size).toBe(
      simulator.control.getOrganization(DEFAULT_CORP_ID).people,
    );
  });
});

describe("changing people", () => {
  test("a generated person can be moved, renamed and removed", async () => {
    const simulator = await openSimulator();
    const [from, to] = simulator.control.listDepartments(DEFAULT_CORP_ID).filter(({ id }) => id !== 1);
    const [fromId, toId] = [from?.id ?? 0, to?.id ?? 0];
    const userid = (await listUserids(simulator, fromId))[0] ?? "";

    change(simulator, { op: "change_person", userid, name: "新名", departments: [toId], leaderOf: [toId] });
    expect(await listUserids(simulator, fromId)).not.toContain(userid);
    expect(await listUserids(simulator, toId)).toContain(userid);
    expect(
      (await simulator.topapi("v2/department/get", { dept_id: toId })).result.dept_manager_userid_list,
    ).toContain(userid);

    change(simulator, { op: "remove_person", userid });
    expect(await listUserids(simulator, toId)).not.toContain(userid);
  });

  test("a person who is moved twice is only in the last department", async () => {
    const simulator = await openEmpty();
    change(
      simulator,
      { op: "add_department", parentId: 1, name: "甲", id: 71 },
      { op: "add_department", parentId: 1, name: "乙", id: 72 },
      { op: "add_person", userid: "u1", name: "王伟", departments: [71] },
      { op: "change_person", userid: "u1", departments: [72] },
    );

    expect([await listUserids(simulator, 71), await listUserids(simulator, 72)]).toEqual([[], ["u1"]]);
  });

  test("a removed person can be added again with the same userid", async () => {
    const simulator = await openSimulator();
    change(
      simulator,
      { op: "remove_person", userid: "manager0001" },
      { op: "add_person", userid: "manager0001", name: "回来了", departments: [1] },
    );

    expect((await simulator.topapi("v2/user/get", { userid: "manager0001" })).result.name).toBe("回来了");
  });

  test("reset restores the generated directory", async () => {
    const simulator = await openSimulator();
    const before = simulator.control.getOrganization(DEFAULT_CORP_ID);
    change(
      simulator,
      { op: "add_department", parentId: 1, name: "甲" },
      { op: "remove_person", userid: "manager0001" },
    );

    expect(simulator.control.resetOrganization(DEFAULT_CORP_ID)).toEqual(before);
  });
});
