import { expect, test } from "vitest";
import { plantPeople } from "@/lib/directory/members/test-support/plant-people";
import { sealPersonal } from "@/lib/directory/personal/test-support/seal";
import { getDepartment } from "@/lib/directory/tree/list-departments";
import { asAdmin } from "@/lib/directory/tree/test-support/make-directory";
import { FIRST_SEEN, plantApp, plantDepartments } from "@/lib/directory/tree/test-support/plant";
import { defineRoute } from "@/lib/http/define-route";
import { makeService } from "@/lib/testing/service";
import { answerDepartmentMembers, answerMember, answerMembers } from "./answer-members";
import { getDepartmentContract } from "./departments";
import { getMemberContract, listDepartmentMembersContract, listMembersContract } from "./members";

const list = defineRoute(listMembersContract, answerMembers);
const one = defineRoute(getMemberContract, answerMember);
const inDepartment = defineRoute(listDepartmentMembersContract, answerDepartmentMembers);
const department = defineRoute(getDepartmentContract, ({ actor, params: { appId, deptId } }) =>
  getDepartment(actor, appId, deptId),
);

const LATER = new Date("2026-11-01T00:00:00.000Z");
const LI = {
  id: "li",
  name: "李一",
  unionId: "union-li",
  title: "工程师",
  places: [{ id: 2, title: "组长", isLeader: true }, { id: 1 }],
  personal: { mobile: "13800000001", extension: '{"花名":"逍遥"}' },
};

async function makeWorld({ keepsPersonal = true, scopes = "directory:read,directory:personal" } = {}) {
  const service = await makeService({ scopes });
  const { organizationId } = service.organization;
  const ids = await asAdmin(async (client) => {
    await client.query("UPDATE organization SET keeps_personal = $2 WHERE organization_id = $1", [
      organizationId,
      keepsPersonal,
    ]);
    const [appId, other] = [await plantApp(client, organizationId), await plantApp(client, organizationId)];
    await plantDepartments(client, { organizationId, appId }, [
      { id: 1, name: "集团" },
      { id: 2, parent: 1, name: "研发" },
      { id: 3, parent: 1, isRemoved: true },
    ]);
    const plant = (of: string, members: Parameters<typeof plantPeople>[2]["members"]) =>
      plantPeople(client, { organizationId, appId: of }, { members, seal: sealPersonal });
    await plant(appId, [
      LI,
      { id: "wang", name: "王_二", places: [{ id: 1 }], unionId: "union-wang" },
      { id: "zhao", name: "赵三", removedAt: LATER, changedAt: LATER, unionId: "union-zhao" },
    ]);
    await plant(other, [
      { id: "li-2", unionId: "union-li" },
      { id: "gone", unionId: "union-wang", removedAt: LATER },
    ]);
    return { appId, other };
  });
  const call = (handler: Parameters<typeof service.call>[0], more: Record<string, string> = {}, query = "") =>
    service.call(handler, { params: { appId: ids.appId, ...more }, query });
  return { ...service, ...ids, organizationId, call };
}

const namesOf = (body: unknown) =>
  (body as { members: readonly { userId: string }[] }).members.map(({ userId }) => userId);

test("returns a member with positions, links to other apps, and personal fields for a key with their scope", async () => {
  const { call, other } = await makeWorld();
  expect((await call(one, { userId: "li" })).body).toEqual({
    userId: "li",
    name: "李一",
    unionId: "union-li",
    title: "工程师",
    jobNumber: null,
    isActive: true,
    isAdmin: null,
    isBoss: null,
    isExclusive: null,
    hidesMobile: null,
    mobile: "13800000001",
    stateCode: null,
    telephone: null,
    email: null,
    orgEmail: null,
    workPlace: null,
    hiredDate: null,
    remark: null,
    avatar: null,
    extension: '{"花名":"逍遥"}',
    otherFields: [],
    personal: "told",
    places: [
      { departmentId: "1", department: "集团", title: null, isLeader: false, order: null },
      { departmentId: "2", department: "研发", title: "组长", isLeader: true, order: null },
    ],
    links: [{ appId: other, userId: "li-2" }],
    firstSeenAt: FIRST_SEEN,
    changedAt: FIRST_SEEN,
    removedAt: null,
    erasedAt: null,
  });
  const wang = (await call(one, { userId: "wang" })).body;
  expect(wang).toMatchObject({ personal: "told", mobile: null, links: [] });
});

test("S33 omits personal fields for a key without their scope and for an organization that stores none", async () => {
  for (const [world, personal] of [
    [await makeWorld({ scopes: "directory:read" }), "not_allowed"],
    [await makeWorld({ keepsPersonal: false }), "not_collected"],
  ] as const) {
    for (const received of [await world.call(one, { userId: "li" }), await world.call(list)]) {
      const text = JSON.stringify(received.body);
      expect(text).toContain(`"personal":"${personal}"`);
      for (const word of ["13800000001", "逍遥", "mobile", "extension", "personalId"]) {
        expect(text).not.toContain(`"${word}"`);
      }
    }
  }
});

test("lists members by page, department, name, unionid and time of change, including removed ones", async () => {
  const { call } = await makeWorld();
  const first = await call(list, {}, "?limit=1");
  expect([namesOf(first.body), first.body?.nextCursor]).toEqual([["li"], "bGk"]);
  const last = await call(list, {}, "?limit=1&cursor=bGk");
  expect([namesOf(last.body), last.body?.nextCursor]).toEqual([["wang"], null]);
  for (const [query, names] of [
    ["", ["li", "wang"]],
    ["?q=_", ["wang"]],
    ["?q=li", ["li"]],
    ["?unionId=union-wang", ["wang"]],
    ["?departmentId=2", ["li"]],
    ["?departmentId=1&cursor=bGk", ["wang"]],
    ["?updatedSince=2026-10-01T00:00:00Z", ["zhao"]],
    ["?updatedSince=2026-12-01T00:00:00Z", []],
  ] as const) {
    expect([query, namesOf((await call(list, {}, query)).body)]).toEqual([query, names]);
  }
  expect(namesOf((await call(inDepartment, { deptId: "1" })).body)).toEqual(["li", "wang"]);
  for (const deptId of ["3", "99"]) expect((await call(inDepartment, { deptId })).status).toBe(404);
  for (const userId of ["zhao", "li-2", "nobody"]) expect((await call(one, { userId })).status).toBe(404);
});

test("omits links to apps that the key may not use", async () => {
  const { appId, organization } = await makeWorld();
  const some = await makeService({ apps: appId, scopes: "directory:read" }, organization);
  const { body } = await some.call(one, { params: { appId, userId: "li" } });
  expect(body?.links).toEqual([]);
});

test("returns a department with its managers, details, time of the details and number of members", async () => {
  const { call, appId, organizationId } = await makeWorld();
  const bare = (await call(department, { deptId: "2" })).body;
  expect(bare).toMatchObject({
    managers: null,
    details: null,
    detailsAt: null,
    members: { direct: 0, total: 0 },
  });
  await asAdmin(async (client) => {
    await client.query(
      `UPDATE department SET details = '{"dept_manager_userid_list": ["li"], "hide_dept": true}', details_at = $3
       WHERE organization_id = $1 AND app_id = $2 AND department_id = 2`,
      [organizationId, appId, LATER],
    );
    await client.query(
      `INSERT INTO department_count (organization_id, app_id, department_id, direct, total) VALUES ($1, $2, 2, 1, 4)`,
      [organizationId, appId],
    );
  });
  expect((await call(department, { deptId: "2" })).body).toMatchObject({
    managers: ["li"],
    details: { hide_dept: true },
    detailsAt: LATER.toISOString(),
    members: { direct: 1, total: 4 },
  });
});
