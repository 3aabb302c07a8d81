import { inspect } from "node:util";
import { describe, expect, test } from "vitest";
import type { DingtalkCall } from "./client";
import { listSubDepartmentIds } from "./departments";
import { countMembers, getMember, listMemberIds, listMembers, PERSONAL_FIELDS } from "./members";
import { makeCaller, makeDingtalk, refusalOf } from "./test-support/make-dingtalk";
import { startHost } from "./test-support/servers";

async function hostWith(reply: unknown) {
  const host = await startHost(typeof reply === "string" ? { text: reply } : { json: reply });
  const calls: DingtalkCall[] = [];
  const made = makeDingtalk({ url: host.url, onCall: (each) => calls.push(each) });
  return { host, calls, ...made, caller: makeCaller().caller };
}

const personal = {
  mobile: "13800000001",
  telephone: "0571-1",
  state_code: "+86-x",
  email: "li@example.com",
  org_email: "li@corp.example",
  remark: "secret remark",
  hired_date: 1609430400000,
  work_place: "杭州",
  extension: '{"爱好":"旅游"}',
  avatar: "https://static.example/a.jpg",
};

const li = {
  userid: "u1",
  unionid: "union-1",
  name: "李一",
  title: "工程师",
  job_number: "007",
  active: true,
  admin: false,
  boss: false,
  leader: true,
  exclusive_account: false,
  hide_mobile: true,
  dept_id_list: [2, 3],
  dept_order: 5,
};

/** Returns the page that `listMembers` reads from a result. */
async function page(result: unknown, rest: { cursor?: string; keepsPersonal?: boolean } = {}) {
  const { dingtalk, caller } = await hostWith({ errcode: 0, errmsg: "ok", result, request_id: "r" });
  return listMembers(dingtalk, caller, { departmentId: "2", keepsPersonal: true, ...rest });
}

async function detail(result: unknown, keepsPersonal = true) {
  const { dingtalk, caller } = await hostWith({ errcode: 0, result });
  return getMember(dingtalk, caller, { userId: "u1", keepsPersonal });
}

const last = (...list: unknown[]) => ({ has_more: false, list });

describe("listMembers", () => {
  test("requests 100 members with restricted ones included, and sends numbers beyond 2^53 exactly", async () => {
    const { host, dingtalk, caller } = await hostWith({ errcode: 0, result: last() });
    await listMembers(dingtalk, caller, { departmentId: "9007199254740993", keepsPersonal: false });
    await listMembers(dingtalk, caller, {
      departmentId: "2",
      cursor: "9007199254740995",
      size: 7,
      language: "en_US",
      keepsPersonal: false,
    });
    expect(host.received.map(({ method, url, body }) => [method, url, body])).toEqual([
      [
        "POST",
        "/topapi/v2/user/list?access_token=token-1",
        '{"dept_id":9007199254740993,"cursor":0,"size":100,"contain_access_limit":true}',
      ],
      [
        "POST",
        "/topapi/v2/user/list?access_token=token-1",
        '{"dept_id":2,"cursor":9007199254740995,"size":7,"contain_access_limit":true,"language":"en_US"}',
      ],
    ]);
  });

  test("returns members with the names, but not the values, of undocumented fields", async () => {
    const { members } = await page(last({ ...li, ...personal, zz_new: "13900000000", nickname: { a: 1 } }));
    expect(members).toEqual([
      {
        userId: "u1",
        unionId: "union-1",
        name: "李一",
        title: "工程师",
        jobNumber: "007",
        isActive: true,
        isAdmin: false,
        isBoss: false,
        isExclusive: false,
        hidesMobile: true,
        departmentIds: ["2", "3"],
        isLeader: true,
        order: "5",
        personal,
        otherFields: ["nickname", "zz_new"],
      },
    ]);
  });

  test("returns null for fields that the app has no permission to read", async () => {
    const { members } = await page(last({ userid: "u1", name: "李一" }));
    expect(members).toEqual([
      {
        userId: "u1",
        unionId: null,
        name: "李一",
        title: null,
        jobNumber: null,
        isActive: null,
        isAdmin: null,
        isBoss: null,
        isExclusive: null,
        hidesMobile: null,
        departmentIds: [],
        isLeader: null,
        order: null,
        personal: {},
        otherFields: [],
      },
    ]);
  });

  test("accepts text for numbers and booleans, a number for an id, one object for a list, and a list sent as text", async () => {
    const { members } = await page({
      has_more: "false",
      list: { userid: 42, name: "n", active: "true", boss: 0, dept_id_list: "[2, 3]", dept_order: "05" },
    });
    expect(members).toMatchObject([
      { userId: "42", isActive: true, isBoss: false, departmentIds: ["2", "3"], order: "5" },
    ]);
    expect((await page(last({ ...li, dept_id_list: "2" }))).members[0]?.departmentIds).toEqual(["2"]);
    expect((await page(last({ ...li, dept_id_list: ["2", 2] }))).members[0]?.departmentIds).toEqual(["2"]);
  });

  test("keeps an order beyond 2^53 exactly, and leaves out the negative departments of schools", async () => {
    const { dingtalk, caller } = await hostWith(
      '{"errcode":0,"result":{"has_more":false,"list":[{"userid":"u1","name":"n","dept_id_list":[-7,2,0],"dept_order":176318668975061512}]}}',
    );
    const { members } = await listMembers(dingtalk, caller, { departmentId: "2", keepsPersonal: false });
    expect(members).toMatchObject([{ departmentIds: ["2"], order: "176318668975061512" }]);
  });

  test("leaves out empty personal values", async () => {
    const { members } = await page(last({ ...li, mobile: "", email: null, remark: "x" }));
    expect(members[0]?.personal).toEqual({ remark: "x" });
  });

  test("S33 discards personal values without keepsPersonal, in results, logs and errors", async () => {
    const { dingtalk, caller, attempts, calls } = await hostWith({
      errcode: 0,
      result: last({ ...li, ...personal, EMAIL: "x@example.com", zz: "13900000000" }),
    });
    const found = await listMembers(dingtalk, caller, { departmentId: "2", keepsPersonal: false });
    const broken = await hostWith({ errcode: 0, result: last({ ...personal, userid: "u2" }) });
    const error = await refusalOf(
      listMembers(broken.dingtalk, broken.caller, { departmentId: "2", keepsPersonal: false }),
    );
    const cutOff = await hostWith('{"errcode":0,"result":{"list":[{"remark":"secret remark"');
    const cut = await refusalOf(
      listMembers(cutOff.dingtalk, cutOff.caller, { departmentId: "2", keepsPersonal: false }),
    );

    const everything = inspect([found, attempts, calls, error, broken.calls, cut, cutOff.calls], {
      depth: null,
    });
    expect(everything).toContain("李一");
    for (const value of [...Object.values(personal), "x@example.com", "13900000000"]) {
      expect(everything).not.toContain(String(value));
    }
    expect(Object.keys(personal).sort()).toEqual([...PERSONAL_FIELDS].sort());
  });

  test("S24 prefers the documented key over keys that differ only in case", async () => {
    const { members } = await page(last({ UserId: "evil", ...li, NAME: "evil", Mobile: "2", mobile: "1" }));
    expect(members).toMatchObject([
      { userId: "u1", name: "李一", personal: { mobile: "1" }, otherFields: [] },
    ]);
    expect((await page(last({ UserID: "u9", Name: "n" }))).members).toMatchObject([{ userId: "u9" }]);
  });

  test("uses the last of two rows of one member in a page", async () => {
    const { members } = await page(
      last({ ...li, title: "a" }, { ...li, userid: "u2" }, { ...li, title: "b" }),
    );
    expect(members.map(({ userId, title }) => [userId, title])).toEqual([
      ["u1", "b"],
      ["u2", "工程师"],
    ]);
  });

  test("returns DingTalk's next cursor exactly, and null when DingTalk reports no more pages", async () => {
    const { dingtalk, caller } = await hostWith(
      '{"errcode":0,"result":{"has_more":true,"next_cursor":9007199254740993,"list":[]}}',
    );
    const paged = await listMembers(dingtalk, caller, {
      departmentId: "2",
      cursor: "9007199254740992",
      keepsPersonal: false,
    });
    expect(paged.nextCursor).toBe("9007199254740993");
    expect((await page({ has_more: true, next_cursor: "20", list: [] })).nextCursor).toBe("20");
    expect((await page({ has_more: false, next_cursor: 20, list: [] })).nextCursor).toBeNull();
    expect((await page(last())).nextCursor).toBeNull();
  });

  test.each([
    ["no list", { has_more: false }, "list"],
    ["text in the list", last("x"), "list.0"],
    ["a member without id", last(li, { name: "n" }), "list.1.userid"],
    ["a member with an empty id", last({ userid: "", name: "n" }), "list.0.userid"],
    ["a member without name", last({ userid: "u" }), "list.0.name"],
    ["a malformed department id", last({ ...li, dept_id_list: [2, "x"] }), "list.0.dept_id_list"],
    ["no has_more", { list: [li] }, "has_more"],
    ["more pages but no cursor", { has_more: true, list: [li] }, "next_cursor"],
    ["more pages but the same cursor", { has_more: true, next_cursor: 10, list: [] }, "next_cursor"],
    ["more pages but a smaller cursor", { has_more: true, next_cursor: 9, list: [] }, "next_cursor"],
  ])("refuses a whole list of members with %s", async (_, result, path) => {
    const error = await refusalOf(page(result, { cursor: "10" }));
    expect(error.kind).toBe("not_dingtalk");
    expect(error.upstream.message).toBe(`not as documented: result.${path}`);
  });

  test("throws without a call for a malformed id, cursor or size", async () => {
    const { host, dingtalk, caller } = await hostWith({ errcode: 0, result: last() });
    for (const request of [
      { departmentId: "-7" },
      { departmentId: "2", cursor: "1;2" },
      { departmentId: "2", size: 101 },
    ]) {
      await expect(
        listMembers(dingtalk, caller, { ...request, keepsPersonal: false }),
      ).rejects.toBeInstanceOf(TypeError);
    }
    expect(host.received).toEqual([]);
  });
});

describe("getMember", () => {
  test("returns the manager, and the place in each department with an id above 0", async () => {
    const { host, dingtalk, caller } = await hostWith(
      `{"errcode":0,"result":{"userid":"u\\"1","name":"n","manager_userid":"u9","dept_id_list":[1,2,3,-7],
        "dept_order_list":[{"dept_id":2,"order":176318668975061512},{"dept_id":1,"order":1},{"dept_id":8,"order":3}],
        "leader_in_dept":[{"dept_id":1,"leader":true},{"dept_id":2,"leader":false}],
        "role_list":[{"id":1,"name":"r","group_name":"g"}],"real_authed":true,"senior":false,"union_emp_ext":{},
        "dept_position_list":[],"extension_i18n":"x","login_id":"l","exclusive_account_type":"sso","x_new":1}}`,
    );
    const member = await getMember(dingtalk, caller, {
      userId: 'u"1',
      keepsPersonal: true,
      language: "zh_CN",
    });
    expect(host.received[0]).toMatchObject({
      url: "/topapi/v2/user/get?access_token=token-1",
      body: '{"userid":"u\\"1","language":"zh_CN"}',
    });
    expect(member).toMatchObject({
      userId: 'u"1',
      managerUserId: "u9",
      departmentIds: ["1", "2", "3"],
      places: [
        { departmentId: "1", isLeader: true, order: "1" },
        { departmentId: "2", isLeader: false, order: "176318668975061512" },
        { departmentId: "3", isLeader: null, order: null },
      ],
      personal: {},
      otherFields: ["x_new"],
    });
  });

  test("reads the documentation's samples with one object for a list, text for numbers, and a list for one object", async () => {
    const sample = {
      userid: "u1",
      name: "n",
      dept_id_list: "[2]",
      dept_order_list: { dept_id: "2", order: "1" },
      leader_in_dept: { DEPT_ID: "2", leader: "true" },
    };
    const places = [{ departmentId: "2", isLeader: true, order: "1" }];
    expect(await detail(sample)).toMatchObject({ places, managerUserId: null });
    expect(await detail([sample])).toMatchObject({ places });
  });

  test("S33 returns personal values only with keepsPersonal", async () => {
    expect((await detail({ ...li, ...personal })).personal).toEqual(personal);
    expect(inspect(await detail({ ...li, ...personal }, false))).not.toContain("13800000001");
  });

  test.each([undefined, [], {}, { userid: "u1" }, { name: "n" }])(
    "refuses %j as a member",
    async (result) => {
      expect((await refusalOf(detail(result))).kind).toBe("not_dingtalk");
    },
  );

  test.each([
    [60121, "member_gone"],
    [60111, "member_gone"],
    [33012, "member_gone"],
    [50002, "member_out_of_scope"],
  ])("reports errcode %i of a member as %s, without a repeat", async (errcode, kind) => {
    const { host, dingtalk, caller } = await hostWith({ errcode, errmsg: "x" });
    expect((await refusalOf(getMember(dingtalk, caller, { userId: "u", keepsPersonal: false }))).kind).toBe(
      kind,
    );
    expect(host.received).toHaveLength(1);
  });
});

describe("listMemberIds, listSubDepartmentIds and countMembers", () => {
  test("sends the parameters of each API, and returns each id once, as text", async () => {
    const people = await hostWith('{"errcode":0,"result":{"userid_list":["u1",42,"u1"]}}');
    expect(await listMemberIds(people.dingtalk, people.caller, { departmentId: "2" })).toEqual(["u1", "42"]);

    const departments = await hostWith('{"errcode":0,"result":{"dept_id_list":[9007199254740993,"3",-7,0]}}');
    const ids = await listSubDepartmentIds(departments.dingtalk, departments.caller, { departmentId: "1" });
    expect(ids).toEqual(["9007199254740993", "3"]);

    const count = await hostWith('{"errcode":0,"result":{"count":"12"}}');
    expect(await countMembers(count.dingtalk, count.caller, { onlyActive: false })).toBe(12);

    expect(
      [people, departments, count].map(({ host }) => [host.received[0]?.url, host.received[0]?.body]),
    ).toEqual([
      ["/topapi/user/listid?access_token=token-1", '{"dept_id":2}'],
      ["/topapi/v2/department/listsubid?access_token=token-1", '{"dept_id":1}'],
      ["/topapi/user/count?access_token=token-1", '{"only_active":false}'],
    ]);
  });

  test("returns an empty list of ids for an empty list", async () => {
    const { dingtalk, caller } = await hostWith({
      errcode: 0,
      result: { userid_list: [], dept_id_list: [] },
    });
    expect(await listMemberIds(dingtalk, caller, { departmentId: "2" })).toEqual([]);
    expect(await listSubDepartmentIds(dingtalk, caller, { departmentId: "2" })).toEqual([]);
  });

  test.each([{}, undefined, { count: -1 }, { count: "many" }, { userid_list: [null], dept_id_list: ["x"] }])(
    "refuses %j as a list of ids or a count",
    async (result) => {
      const { dingtalk, caller } = await hostWith({ errcode: 0, result });
      for (const ask of [
        () => listMemberIds(dingtalk, caller, { departmentId: "2" }),
        () => listSubDepartmentIds(dingtalk, caller, { departmentId: "2" }),
        () => countMembers(dingtalk, caller, { onlyActive: true }),
      ]) {
        expect((await refusalOf(ask())).kind).toBe("not_dingtalk");
      }
    },
  );
});
