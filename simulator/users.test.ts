import { describe, expect, test } from "vitest";
import { PERMISSIONS } from "./control-input";
import type { Person } from "./organization/model";
import { DEFAULT_APP_KEY, DEFAULT_CORP_ID } from "./start-simulator";
import { type OpenSimulator, openSimulator, type WireRow } from "./testing/open-simulator";

/** Finds the department that was made large enough for several pages. */
function crowd({ control }: OpenSimulator): { id: number; people: Person[] } {
  for (const { id } of control.listDepartments(DEFAULT_CORP_ID)) {
    const people = control.listMembers(DEFAULT_CORP_ID, id);
    if (people.length > 200) return { id, people };
  }
  throw new Error("no department has more than 200 people");
}

const allPeople = ({ control }: OpenSimulator): Person[] => {
  const people = control
    .listDepartments(DEFAULT_CORP_ID)
    .flatMap(({ id }) => control.listMembers(DEFAULT_CORP_ID, id));
  return [...new Map(people.map((person) => [person.userid, person])).values()];
};

async function readPages(simulator: OpenSimulator, id: number, path = "v2/user/list") {
  const rows: WireRow[] = [];
  const pages: { has_more: boolean; next_cursor?: number }[] = [];
  for (let cursor: number | undefined = 0; cursor !== undefined; ) {
    const { result } = await simulator.topapi(path, { dept_id: id, cursor, size: 100 });
    rows.push(...result.list);
    pages.push(result);
    cursor = result.next_cursor;
  }
  return { rows, pages };
}

describe("topapi user lists", () => {
  test.each(["v2/user/list", "user/listsimple"])(
    "%s returns pages of a large department, and the last page has no next_cursor",
    async (path) => {
      const simulator = await openSimulator();
      const { id, people } = crowd(simulator);
      const { rows, pages } = await readPages(simulator, id, path);

      expect(rows.map(({ userid }) => userid)).toEqual(people.map(({ userid }) => userid));
      expect(pages.map(({ has_more: hasMore }) => hasMore)).toEqual([true, true, false]);
      expect(pages.at(-1)).not.toHaveProperty("next_cursor");
    },
  );

  test.each([
    ["a size over 100", { dept_id: 1, cursor: 0, size: 101 }, 40069],
    ["a size of 0", { dept_id: 1, cursor: 0, size: 0 }, 40069],
    ["a negative cursor", { dept_id: 1, cursor: -1, size: 10 }, 40068],
    ["no cursor", { dept_id: 1, size: 10 }, 40035],
    ["no size", { dept_id: 1, cursor: 0 }, 40035],
  ])("list refuses %s", async (_, body, errcode) => {
    const { topapi } = await openSimulator();

    expect(await topapi("v2/user/list", body)).toMatchObject({ errcode });
  });

  test("a person who leaves between two pages shifts the second page, so that another person is missing", async () => {
    const simulator = await openSimulator();
    const { id, people } = crowd(simulator);
    simulator.control.addFault({
      path: "topapi/v2/user/list",
      afterCalls: 1,
      times: 1,
      fault: {
        kind: "change",
        corpId: DEFAULT_CORP_ID,
        changes: [{ op: "remove_person", userid: people[0]?.userid ?? "" }],
      },
    });
    const { rows } = await readPages(simulator, id);

    expect(rows.some(({ userid }) => userid === people[100]?.userid)).toBe(false);
    expect(rows).toHaveLength(people.length - 1);
  });

  test("list returns each person with title, rank and leadership in that department", async () => {
    const simulator = await openSimulator();
    const { topapi, control } = simulator;
    control.changeDirectory(DEFAULT_CORP_ID, [
      { op: "add_department", parentId: 1, name: "甲", id: 71 },
      { op: "add_department", parentId: 1, name: "乙", id: 72 },
      { op: "add_person", userid: "u1", name: "周敏", departments: [71, 72], leaderOf: [72] },
    ]);
    const rowIn = async (id: number) =>
      (await topapi("v2/user/list", { dept_id: id, cursor: 0, size: 10 })).result.list[0];

    expect(await rowIn(71)).toMatchObject({ userid: "u1", leader: false, dept_id_list: [71, 72] });
    expect(await rowIn(72)).toMatchObject({ userid: "u1", leader: true, dept_id_list: [71, 72] });
  });

  test("a person in two departments has a title, rank and leadership in each, which stay after a rename", async () => {
    const { topapi, control } = await openSimulator();
    control.changeDirectory(DEFAULT_CORP_ID, [
      { op: "add_department", parentId: 1, name: "甲", id: 71 },
      { op: "add_department", parentId: 1, name: "乙", id: 72 },
      {
        op: "add_person",
        userid: "u1",
        name: "周敏",
        title: "工程师",
        departments: [71, 72],
        leaderOf: [72],
        titles: { 72: "负责人" },
        orders: { 72: "176318668975061512" },
      },
      { op: "change_person", userid: "u1", name: "周敏敏" },
    ]);
    const rowIn = async (id: number) =>
      (await topapi("v2/user/list", { dept_id: id, cursor: 0, size: 10 })).result.list[0];
    const row = { userid: "u1", name: "周敏敏" };

    expect(await rowIn(71)).toMatchObject({ ...row, title: "工程师", leader: false, dept_order: 71 });
    expect(await rowIn(72)).toMatchObject({ ...row, title: "负责人", leader: true });
    expect(control.findPerson(DEFAULT_CORP_ID, "u1")?.memberships[1]?.order).toBe(176318668975061512n);
    expect((await topapi("v2/user/get", { userid: "u1" })).result).toMatchObject({
      title: "工程师",
      dept_position_list: [
        { dept_id: 71, title: "工程师" },
        { dept_id: 72, title: "负责人" },
      ],
    });
  });

  test("a person with limited access is listed on request only", async () => {
    const { topapi, control } = await openSimulator();
    control.changeDirectory(DEFAULT_CORP_ID, [
      { op: "add_department", parentId: 1, name: "甲", id: 71 },
      { op: "add_person", userid: "u1", name: "周敏", departments: [71], isAccessLimited: true },
    ]);
    const list = async (rest: object) =>
      (await topapi("v2/user/list", { dept_id: 71, cursor: 0, size: 10, ...rest })).result.list.length;

    expect([await list({}), await list({ contain_access_limit: true })]).toEqual([0, 1]);
  });

  test("listid returns all userids at once, regardless of the scope", async () => {
    const simulator = await openSimulator();
    const { id, people } = crowd(simulator);
    simulator.control.changeApp(DEFAULT_APP_KEY, { scope: { departments: [] } });

    expect((await simulator.topapi("user/listid", { dept_id: id })).result.userid_list).toEqual(
      people.map(({ userid }) => userid),
    );
  });

  test("count counts each person once, and only active people on request", async () => {
    const simulator = await openSimulator();
    const people = allPeople(simulator);
    simulator.control.changeDirectory(DEFAULT_CORP_ID, [
      { op: "remove_person", userid: people[3]?.userid ?? "" },
      { op: "change_person", userid: people[4]?.userid ?? "", isActive: false },
      { op: "add_person", name: "新人", departments: [1] },
    ]);
    const now = allPeople(simulator);

    expect((await simulator.topapi("user/count", { only_active: false })).result).toEqual({
      count: now.length,
    });
    expect((await simulator.topapi("user/count", { only_active: true })).result).toEqual({
      count: now.filter(({ isActive }) => isActive).length,
    });
  });
});

describe("topapi/v2/user/get", () => {
  test("returns a person with departments, leaderships and manager", async () => {
    const simulator = await openSimulator();
    const person = allPeople(simulator).find(({ memberships }) => memberships.length > 1);
    const { result } = await simulator.topapi("v2/user/get", { userid: person?.userid });

    const deptIds = person?.memberships.map(({ deptId }) => deptId) ?? [];
    expect(result).toMatchObject({
      userid: person?.userid,
      name: person?.name,
      manager_userid: expect.any(String),
    });
    expect(result.leader_in_dept.map(({ dept_id: id }) => id)).toEqual(deptIds);
    expect(result.dept_order_list).toHaveLength(deptIds.length);
  });

  test("answers 60121 for unknown people and those who have left, 50002 for those outside the scope", async () => {
    const simulator = await openSimulator();
    const [leaver, other] = crowd(simulator).people;
    simulator.control.changeDirectory(DEFAULT_CORP_ID, [
      { op: "remove_person", userid: leaver?.userid ?? "" },
    ]);
    simulator.control.changeApp(DEFAULT_APP_KEY, { scope: { departments: [], users: ["manager0001"] } });
    const ask = async (userid: string | undefined) =>
      (await simulator.topapi("v2/user/get", { userid })).errcode;

    expect(await ask("manager0001")).toBe(0);
    expect(await ask("nobody")).toBe(60121);
    expect(await ask(leaver?.userid)).toBe(60121);
    expect(await ask(other?.userid)).toBe(50002);
    expect(await ask(undefined)).toBe(40035);
  });

  test.each([
    ["an internal app with both permissions", { permissions: [...PERMISSIONS] }, true, true],
    [
      "an app without the mobile permission",
      { permissions: ["qyapi_get_member", "fieldEmail"] },
      false,
      true,
    ],
    [
      "an app without the e-mail permission",
      { permissions: ["qyapi_get_member", "fieldMobile"] },
      true,
      false,
    ],
    ["a third-party app", { kind: "isv" as const }, false, false],
  ])("returns personal fields to %s as permitted", async (_, patch, hasMobile, hasEmail) => {
    const simulator = await openSimulator();
    const token = await simulator.fetchToken();
    simulator.control.changeApp(DEFAULT_APP_KEY, patch);
    const person = allPeople(simulator).find(({ email }) => email !== "");
    const { result } = await simulator.topapi("v2/user/get", { userid: person?.userid }, token);

    expect("mobile" in result).toBe(hasMobile);
    expect("email" in result).toBe(hasEmail);
    expect("hired_date" in result).toBe(hasEmail);
  });

  test("hides personal fields set by a test too, and returns the avatar to all apps", async () => {
    const { topapi, control } = await openSimulator();
    const personal = { mobile: "1", state_code: "852", email: "a@b.invalid", telephone: "2", remark: "x" };
    control.changeDirectory(DEFAULT_CORP_ID, [
      {
        op: "add_person",
        userid: "u1",
        name: "周敏",
        departments: [1],
        fields: { ...personal, avatar: "https://a.invalid/1.jpg", nickname: "n" },
      },
    ]);
    const get = async () => (await topapi("v2/user/get", { userid: "u1" })).result;

    expect(await get()).toMatchObject(personal);
    control.changeApp(DEFAULT_APP_KEY, { permissions: ["qyapi_get_member"] });
    const shown = await get();
    expect(shown).toMatchObject({ avatar: "https://a.invalid/1.jpg", nickname: "n" });
    for (const name of Object.keys(personal)) expect(shown).not.toHaveProperty(name);
  });

  test("returns one unionid to the organization's own apps, and another to a third party's", async () => {
    const simulator = await openSimulator();
    simulator.control.addApp({ appKey: "b", appSecret: "sb", corpId: DEFAULT_CORP_ID });
    const tokens = {
      [DEFAULT_APP_KEY]: await simulator.fetchToken(),
      b: await simulator.fetchToken("b"),
    };
    const unionidFor = async (appKey: keyof typeof tokens) => {
      const token = tokens[appKey];
      const { result } = await simulator.topapi("v2/user/get", { userid: "manager0001" }, token);
      return (result as unknown as { unionid: string }).unionid;
    };
    const own = await unionidFor(DEFAULT_APP_KEY);
    expect(await unionidFor("b")).toBe(own);
    simulator.control.changeApp("b", { kind: "isv" });
    expect(await unionidFor("b")).not.toBe(own);
  });

  test.each([
    ["all", true],
    ["in_scope", false],
  ] as const)(
    "get with deptIdList %s lists departments outside the scope: %s",
    async (deptIdList, isShown) => {
      const { control, topapi } = await openSimulator({ settings: { deptIdList } });
      control.changeDirectory(DEFAULT_CORP_ID, [
        { op: "add_department", parentId: 1, name: "甲", id: 71 },
        { op: "add_department", parentId: 1, name: "乙", id: 72 },
        { op: "add_person", userid: "u1", name: "周敏", departments: [71, 72] },
      ]);
      control.changeApp(DEFAULT_APP_KEY, { scope: { departments: [71] } });

      const { result } = await topapi("v2/user/get", { userid: "u1" });
      expect(result.dept_id_list).toEqual(isShown ? [71, 72] : [71]);
    },
  );

  test("returns negative ids for some people, and undocumented fields", async () => {
    const simulator = await openSimulator();
    const people = allPeople(simulator);
    const negative = people.find(({ negativeDeptIds }) => negativeDeptIds.length > 0);
    const unlisted = people.find(({ fields }) => "x_unlisted_field" in fields);
    const get = async (person?: Person) =>
      (await simulator.topapi("v2/user/get", { userid: person?.userid })).result;

    expect((await get(negative)).dept_id_list.at(-1)).toBeLessThan(0);
    expect(await get(unlisted)).toHaveProperty("x_unlisted_field");
  });
});

describe("legacy user endpoints", () => {
  test.each(["user/list", "user/listbypage"])("%s pages by offset, with hasMore", async (path) => {
    const simulator = await openSimulator();
    const { id, people } = crowd(simulator);
    const query = { department_id: String(id), size: "100" };
    const last = await simulator.legacy(path, { ...query, offset: "200" });

    expect(await simulator.legacy(path, { ...query, offset: "0" })).toMatchObject({ hasMore: true });
    expect(last.hasMore).toBe(false);
    expect(last.userlist.map(({ userid }) => userid)).toEqual(people.slice(200).map(({ userid }) => userid));
  });

  test("simplelist returns only ids and names, getDeptMember all ids", async () => {
    const simulator = await openSimulator();
    const { id, people } = crowd(simulator);
    const { userlist } = await simulator.legacy("user/simplelist", {
      department_id: String(id),
      offset: "0",
      size: "1",
    });

    expect(userlist).toEqual([{ userid: people[0]?.userid, name: people[0]?.name }]);
    expect((await simulator.legacy("user/getDeptMember", { deptId: String(id) })).userIds).toHaveLength(
      people.length,
    );
  });

  test("get names departments in its old fields", async () => {
    const { legacy } = await openSimulator();
    const person = await legacy("user/get", { userid: "manager0001" });

    expect(person).toMatchObject({
      errcode: 0,
      userid: "manager0001",
      isBoss: true,
      isLeaderInDepts: "{1:true}",
    });
  });
});
