import { randomUUID } from "node:crypto";
import { expect, test } from "vitest";
import { grant } from "@/lib/auth/actor";
import { personalSealer, writePersonal } from "../personal/sealed-values";
import { getDepartmentDetail } from "../tree/get-department-detail";
import { listChildren } from "../tree/list-children";
import { addApp, asAdmin, makeDirectory } from "../tree/test-support/make-directory";
import { plantMembers } from "../tree/test-support/plant";
import { getMemberDetail } from "./get-member-detail";
import { listDepartmentMembers } from "./list-department-members";

const LOCALE = "zh-CN";

async function makeCompany() {
  const made = await makeDirectory([
    { id: 1, name: "集团" },
    { id: 2, parent: 1, name: "销售" },
    { id: 3, parent: 2, name: "华东" },
  ]);
  const app = { organizationId: made.organizationId, appId: made.appId };
  await asAdmin((client) =>
    plantMembers(client, app, [
      { id: "zhao", name: "赵六", departments: [2] },
      { id: "qian", name: "钱七", departments: [2, 3], title: "经理" },
      { id: "an", name: "安三", departments: [2] },
      { id: "li", name: "李四", departments: [2], jobNumber: "A-7" },
      { id: "gone", name: "已离职", departments: [], isRemoved: true },
    ]),
  );
  const sql = (text: string, values: unknown[] = []) =>
    asAdmin((client) => client.query(text, [app.organizationId, app.appId, ...values]));
  return { ...made, app, sql };
}

test("orders a department's members by leader, DingTalk's order and name in the locale", async () => {
  const { actor, appId, sql } = await makeCompany();
  await sql(`UPDATE member_place SET is_leader = true, title = '主管' WHERE organization_id = $1 AND app_id = $2
    AND department_id = 2 AND user_id = 'zhao'`);
  await sql(`UPDATE member_place SET "order" = 176318668975061512 WHERE organization_id = $1 AND app_id = $2
    AND department_id = 2 AND user_id = 'qian'`);
  await sql(
    `UPDATE member SET is_active = false WHERE organization_id = $1 AND app_id = $2 AND user_id = 'an'`,
  );
  const list = (after?: string) =>
    listDepartmentMembers(actor, appId, { department: "2", after, limit: 3, locale: LOCALE });
  const first = await list();
  expect(first).toEqual({
    total: 4,
    items: [
      { id: "zhao", name: "赵六", title: "主管", isLeader: true, isActive: true },
      { id: "qian", name: "钱七", title: "经理", isLeader: false, isActive: true },
      { id: "an", name: "安三", title: null, isLeader: false, isActive: false },
    ],
  });
  expect((await list("an")).items.map(({ id }) => id)).toEqual(["li"]);
  expect(await list("li"), "after the last one there are none, and there are as many").toEqual({
    total: 4,
    items: [],
  });
});

test("shows a department's managers and member count, and total counts in the tree", async () => {
  const { actor, appId, sql } = await makeCompany();
  await sql(
    `UPDATE department SET details_at = '2026-11-20T00:00:00Z', extra = '{"new_field":1}', details = $3
     WHERE organization_id = $1 AND app_id = $2 AND department_id = 2`,
    [{ dept_manager_userid_list: ["qian", "nobody"], hide_dept: true }],
  );
  await sql(`INSERT INTO department_count (organization_id, app_id, department_id, direct, total)
    VALUES ($1, $2, 2, 4, 4), ($1, $2, 1, 0, 4)`);
  expect(await getDepartmentDetail(actor, appId, { id: "2" })).toMatchObject({
    directPeople: 4,
    allPeople: 4,
    managers: [
      { id: "qian", name: "钱七" },
      { id: "nobody", name: null },
    ],
    details: { hide_dept: true },
    detailsAt: "2026-11-20T00:00:00.000Z",
    extra: { new_field: 1 },
  });
  const { items } = await listChildren(actor, appId, { locale: LOCALE });
  expect(items).toMatchObject([{ id: "1", people: 4 }]);
});

test("shows a member's departments and linked members in other apps", async () => {
  const { actor, app, appId, organizationId, sql } = await makeCompany();
  await sql(
    `UPDATE member SET union_id = 'union-qian' WHERE organization_id = $1 AND app_id = $2 AND user_id = 'qian'`,
  );
  const second = { organizationId, appId: await addApp(organizationId, [{ id: 9 }]) };
  const theirs = await makeDirectory([]);
  for (const other of [second, theirs]) {
    await asAdmin(async (client) => {
      await plantMembers(client, other, [{ id: "q7", name: "钱七七" }]);
      await client.query(`UPDATE member SET union_id = 'union-qian' WHERE app_id = $1`, [other.appId]);
    });
  }
  const detail = await getMemberDetail(actor, appId, { id: "qian" });
  expect(detail.seats).toMatchObject([
    { departmentId: "2", path: [{ name: "集团" }, { name: "销售" }] },
    { departmentId: "3", path: [{ name: "集团" }, { name: "销售" }, { name: "华东" }] },
  ]);
  expect(detail.now).toMatchObject({
    unionId: "union-qian",
    linked: [{ appId: second.appId, id: "q7", name: "钱七七" }],
    personal: null,
  });
  for (const [where, id] of [
    [app.appId, "gone"],
    [second.appId, "qian"],
    [theirs.appId, "q7"],
    [randomUUID(), "qian"],
  ] as const)
    await expect(getMemberDetail(actor, where, { id })).rejects.toMatchObject({ code: "not_found" });
});

test("S33 shows personal values to admins, masked to viewers, and not at all when they aren't stored", async () => {
  const { actor: viewer, app, appId, organizationId, sql } = await makeCompany();
  const admin = grant({ organizationId, role: "admin", userId: null }, "directory.read");
  await sql(
    `UPDATE organization SET keeps_personal = true WHERE organization_id = $1 AND $2::uuid IS NOT NULL`,
  );
  const seal = await personalSealer(app);
  const sealed = seal("li", { mobile: "13800000000", email: "li@example.test" });
  if (!sealed) throw new Error("nothing was sealed");
  await asAdmin((client) => writePersonal(client, app, [sealed]));
  await sql(
    `UPDATE member SET personal_id = $3 WHERE organization_id = $1 AND app_id = $2 AND user_id = 'li'`,
    [sealed.id],
  );
  const told = async (actor: typeof viewer) => {
    const { now } = await getMemberDetail(actor, appId, { id: "li" });
    return now?.personal && Object.fromEntries(now.personal);
  };
  expect(await told(admin)).toEqual({ mobile: "13800000000", email: "li@example.test" });
  expect(await told(viewer)).toEqual({ mobile: "138****0000", email: "l****@example.test" });
  const none = await getMemberDetail(admin, appId, { id: "zhao" });
  expect(none.now?.personal).toEqual([]);
  await sql(
    `UPDATE organization SET keeps_personal = false WHERE organization_id = $1 AND $2::uuid IS NOT NULL`,
  );
  expect(await told(admin), "kept nothing").toBeNull();
});
