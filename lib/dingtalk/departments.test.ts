import { describe, expect, test } from "vitest";
import { getScopes } from "./contact-scope";
import { getDepartment, listDepartmentsLegacy, listSubDepartments } from "./departments";
import { makeCaller, makeDingtalk, refusalOf } from "./test-support/make-dingtalk";
import { type Reply, startHost } from "./test-support/servers";

async function hostWith(reply: unknown) {
  const host = await startHost(
    typeof reply === "string" ? { text: reply } : ({ json: reply } satisfies Reply),
  );
  return { host, dingtalk: makeDingtalk({ url: host.url }).dingtalk, caller: makeCaller().caller };
}

/** The list that DingTalk's answer becomes. */
async function listed(result: unknown) {
  const { dingtalk, caller } = await hostWith({ errcode: 0, errmsg: "ok", result, request_id: "r" });
  return listSubDepartments(dingtalk, caller, { departmentId: "1" });
}

describe("listSubDepartments", () => {
  test("sends the department's id as a number, even beyond 2^53", async () => {
    const { host, dingtalk, caller } = await hostWith({ errcode: 0, result: [] });
    await listSubDepartments(dingtalk, caller, { departmentId: "9007199254740993", language: "en_US" });
    expect(host.received[0]).toMatchObject({
      method: "POST",
      url: "/topapi/v2/department/listsub?access_token=token-1",
      body: '{"dept_id":9007199254740993,"language":"en_US"}',
    });
  });

  test("returns departments with unknown fields in extra", async () => {
    const departments = await listed([
      {
        dept_id: 37,
        name: "财务部",
        parent_id: 1,
        create_dept_group: true,
        source_identifier: "HR-37",
        from_union_org: false,
        something_new: { a: [1] },
      },
    ]);
    expect(departments).toEqual([
      {
        departmentId: "37",
        parentId: "1",
        name: "财务部",
        order: null,
        sourceIdentifier: "HR-37",
        isFromUnionOrg: false,
        extra: { create_dept_group: true, something_new: { a: [1] } },
      },
    ]);
  });

  test("accepts text for numbers and one object for a list, as in the documentation's samples", async () => {
    const departments = await listed({ dept_id: "37", name: "n", parent_id: "1", from_union_org: "true" });
    expect(departments).toMatchObject([{ departmentId: "37", parentId: "1", isFromUnionOrg: true }]);
  });

  test("leaves out departments of schools with ids of 0 or below", async () => {
    const departments = await listed([
      { dept_id: -7, name: "家校通讯录", parent_id: 1 },
      { dept_id: 0, name: "x", parent_id: 1 },
      { dept_id: 2, name: "y", parent_id: -1 },
    ]);
    expect(departments).toMatchObject([{ departmentId: "2", parentId: null }]);
  });

  test("S24 prefers the documented key over keys that differ only in case", async () => {
    const [department] = await listed([{ Dept_Id: 9, dept_id: 2, name: "good", NAME: "evil" }]);
    expect(department).toMatchObject({ departmentId: "2", name: "good", extra: {} });
  });

  test("S24 treats a key named __proto__ as data", async () => {
    const { dingtalk, caller } = await hostWith(
      '{"errcode":0,"result":[{"dept_id":2,"name":"n","__proto__":{"x":1}}]}',
    );
    const [department] = await listSubDepartments(dingtalk, caller, { departmentId: "1" });
    expect(Object.keys(department?.extra ?? {})).toEqual(["__proto__"]);
    expect(department?.extra.x).toBeUndefined();
  });

  test("returns no departments for an empty list", async () => {
    expect(await listed([])).toEqual([]);
  });

  test.each([
    ["no list", undefined, "result"],
    ["null for a list", null, "result"],
    ["text in the list", ["x"], "result.0"],
    ["a department without id", [{ dept_id: 2, name: "n" }, { name: "m" }], "result.1.dept_id"],
    ["a department without name", [{ dept_id: 2 }], "result.0.name"],
    ["an empty object", {}, "result.dept_id"],
  ])("refuses a whole answer with %s, which would look like a deletion", async (_, result, path) => {
    const error = await refusalOf(listed(result));
    expect(error.kind).toBe("not_dingtalk");
    expect(error.upstream.message).toMatch(
      new RegExp(`^not as documented: ${path.replace("result.dept_id", "result.0.dept_id")}$`),
    );
  });

  test.each(["0", "-7", "1.5", "", "1e3", "01", "1;2"])(
    "throws for the department id %j without a call",
    async (departmentId) => {
      const { host, dingtalk, caller } = await hostWith({ errcode: 0, result: [] });
      await expect(listSubDepartments(dingtalk, caller, { departmentId })).rejects.toBeInstanceOf(TypeError);
      expect(host.received).toEqual([]);
    },
  );

  test.each([
    [50004, "department_out_of_scope"],
    [60003, "department_gone"],
  ])("reports errcode %i of a department list as %s", async (errcode, kind) => {
    const { dingtalk, caller } = await hostWith({ errcode, errmsg: "请求的部门id不在授权范围内" });
    expect((await refusalOf(listSubDepartments(dingtalk, caller, { departmentId: "5" }))).kind).toBe(kind);
  });
});

describe("getDepartment", () => {
  test("returns order, managers and owner, the order without rounding", async () => {
    const { dingtalk, caller } = await hostWith(
      '{"errcode":0,"result":{"dept_id":1,"name":"总部","order":176318668975061512,"dept_manager_userid_list":["u1","u2"],"org_dept_owner":"u3","member_count":9}}',
    );
    expect(await getDepartment(dingtalk, caller, { departmentId: "1" })).toEqual({
      departmentId: "1",
      parentId: null,
      name: "总部",
      order: "176318668975061512",
      sourceIdentifier: null,
      isFromUnionOrg: null,
      managerUserIds: ["u1", "u2"],
      ownerUserId: "u3",
      details: { dept_manager_userid_list: ["u1", "u2"], org_dept_owner: "u3" },
      extra: {},
    });
  });

  test("returns the same department as a list, with its own fields only in `details`", async () => {
    const both = { dept_id: 2, name: "n", parent_id: 1, auto_add_user: true, x_new: { a: 1 } };
    const told = {
      AUTO_APPROVE_APPLY: true,
      dept_group_chat_id: "chat",
      group_contain_sub_dept: false,
      outer_dept: true,
      outer_permit_depts: [5],
      outer_permit_users: [],
      outer_dept_only_self: false,
      hide_dept: false,
      dept_permits: [],
      user_permits: ["u1"],
      brief: "",
      telephone: "1",
      code: "c",
      union_dept_ext: { corp_id: "d", dept_id: 9 },
    };
    const { dingtalk, caller } = await hostWith({
      errcode: 0,
      result: { ...both, ...told, member_count: 3, Owning_Member_Count: 2 },
    });
    const { details, managerUserIds, ownerUserId, ...department } = await getDepartment(dingtalk, caller, {
      departmentId: "2",
    });

    expect([department]).toEqual(await listed([both]));
    const { AUTO_APPROVE_APPLY, ...rest } = told;
    expect(details).toEqual({ ...rest, auto_approve_apply: AUTO_APPROVE_APPLY });
    expect([managerUserIds, ownerUserId]).toEqual([[], null]);
  });

  test.each([undefined, [], {}, { dept_id: -7, name: "n" }])("refuses %j as a department", async (result) => {
    const { dingtalk, caller } = await hostWith({ errcode: 0, result });
    expect((await refusalOf(getDepartment(dingtalk, caller, { departmentId: "2" }))).kind).toBe(
      "not_dingtalk",
    );
  });
});

describe("listDepartmentsLegacy", () => {
  test("sends the older API's parameters and reads its field names", async () => {
    const { host, dingtalk, caller } = await hostWith({
      errcode: 0,
      department: [
        { id: 1, name: "总部" },
        { id: 2, name: "n", parentid: 1, sourceIdentifier: "s", isFromUnionOrg: true, autoAddUser: false },
      ],
    });
    const departments = await listDepartmentsLegacy(dingtalk, caller, {
      departmentId: "1",
      isRecursive: true,
    });
    expect(host.received[0]?.url).toBe("/department/list?id=1&fetch_child=true&access_token=token-1");
    expect(departments).toMatchObject([
      { departmentId: "1", parentId: null },
      {
        departmentId: "2",
        parentId: "1",
        sourceIdentifier: "s",
        isFromUnionOrg: true,
        extra: { autoAddUser: false },
      },
    ]);
  });
});

describe("getScopes", () => {
  test("returns departments, members and fields of the scope", async () => {
    const { dingtalk, caller } = await hostWith({
      errcode: 0,
      auth_user_field: ["name", "email"],
      auth_org_scopes: { authed_dept: [1, "37", -7], authed_user: ["u1"] },
    });
    expect(await getScopes(dingtalk, caller)).toEqual({
      departmentIds: ["1", "37"],
      userIds: ["u1"],
      userFields: ["name", "email"],
    });
  });

  test("accepts a scope without departments and members", async () => {
    const { dingtalk, caller } = await hostWith({
      errcode: 0,
      auth_org_scopes: { authed_dept: [], authed_user: [] },
    });
    expect(await getScopes(dingtalk, caller)).toEqual({ departmentIds: [], userIds: [], userFields: [] });
  });

  test.each([{}, { auth_org_scopes: {} }, { auth_org_scopes: { authed_dept: ["x"] } }])(
    "refuses %j instead of reading it as an empty scope",
    async (answer) => {
      const { dingtalk, caller } = await hostWith({ errcode: 0, ...answer });
      expect((await refusalOf(getScopes(dingtalk, caller))).kind).toBe("not_dingtalk");
    },
  );
});
