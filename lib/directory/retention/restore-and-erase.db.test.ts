import { describe, expect, test } from "vitest";
import { grant } from "@/lib/auth/actor";
import { notFound } from "@/lib/errors";
import { encodeCursor } from "@/lib/pagination/cursor";
import {
  asAdmin,
  CORP,
  connectApp,
  interrupted,
  makeOrganization,
  openDingtalk,
  readDepartments,
  syncNow,
  toolsFor,
} from "@/lib/testing/directory-sync";
import { setKeepsPersonal } from "../personal/storage-setting";
import { orRemoved } from "../removed/find-removed";
import { listRemoved } from "../removed/list-removed";
import { releaseKept } from "../removed/release-kept";
import { restoreRemoved } from "../removed/restore";
import { removedQuery } from "../removed/schema";
import { pruneDirectories } from "./prune-directory";

const HR = 900;
const TEAM = 901;

/** Creates an app from which a department, one below it and a member of that were removed. */
async function openRemoved(name = "张三丰") {
  const dingtalk = await openDingtalk(12);
  const organization = await makeOrganization();
  const { organizationId, userId } = organization;
  const app = await connectApp(organization);
  const sync = () => syncNow(organization, app, toolsFor(dingtalk));
  dingtalk.control.changeDirectory(CORP, [
    { op: "add_department", parentId: 1, id: HR, name: "人事部" },
    { op: "add_department", parentId: HR, id: TEAM, name: "招聘组" },
    { op: "add_person", name, userid: "zhang", departments: [TEAM] },
    { op: "add_person", name: "李四光", userid: "li", departments: [TEAM, 1] },
  ]);
  const admin = { organizationId, role: "admin", userId } as const;
  await setKeepsPersonal(grant(admin, "organization.setPersonal"), true);
  await sync();
  dingtalk.control.changeDirectory(CORP, [
    { op: "change_person", userid: "li", departments: [1] },
    { op: "remove_person", userid: "zhang" },
    { op: "remove_department", id: TEAM },
    { op: "remove_department", id: HR },
  ]);
  const removal = await sync();
  return { dingtalk, organization, app, sync, removal, admin, actor: grant(admin, "directory.decide") };
}

const memberOf = async (appId: string, id: string) => {
  const [row] = await asAdmin<{
    name: string;
    removed: boolean;
    kept: boolean;
    erased: boolean;
    places: string[];
    personal: string | null;
  }>(
    `SELECT name, removed_at IS NOT NULL AS removed, kept_at IS NOT NULL AS kept, erased_at IS NOT NULL AS erased,
       personal_id AS personal, ARRAY(SELECT department_id::text FROM member_place p
         WHERE p.organization_id = m.organization_id AND p.app_id = m.app_id AND p.user_id = m.user_id ORDER BY 1) AS places
     FROM member m WHERE app_id = $1 AND user_id = $2`,
    [appId, id],
  );
  return row;
};

describe("removed objects", () => {
  test("a removed object stays as a marked row, which is reused when the object returns", async () => {
    const { dingtalk, app, sync, removal } = await openRemoved();
    expect(removal).toMatchObject({ state: "succeeded", removed: 2, membersRemoved: 1, membersMoved: 1 });
    expect(await memberOf(app.appId, "zhang")).toMatchObject({ name: "张三丰", removed: true, places: [] });

    dingtalk.control.changeDirectory(CORP, [{ op: "add_department", parentId: 1, id: HR, name: "人事部" }]);
    const before = (await readDepartments(app)).get(HR);
    expect(await sync()).toMatchObject({ added: 1 });
    expect((await readDepartments(app)).get(HR)).toMatchObject({
      removedAt: null,
      firstSeenAt: before?.firstSeenAt,
    });
  });

  test("restores an object with everything below it, exempt from removal until released", async () => {
    const { app, sync, actor } = await openRemoved();
    const removed = { object: "department", ids: [String(HR)], withBelow: true } as const;
    expect(await restoreRemoved(actor, app.appId, removed)).toEqual({ ok: true, value: { restored: 3 } });
    expect(await memberOf(app.appId, "zhang")).toMatchObject({
      removed: false,
      kept: true,
      places: [String(TEAM)],
    });
    expect((await readDepartments(app)).get(TEAM)).toMatchObject({ removedAt: null, parentId: BigInt(HR) });
    expect(await restoreRemoved(actor, app.appId, removed)).toEqual({ ok: false, error: "nothing" });

    const again = await sync();
    expect(again).toMatchObject({ state: "succeeded", removed: 0, membersRemoved: 0 });
    const kept = await asAdmin(
      `SELECT object_id AS id FROM directory_change WHERE set_id = $1 AND outcome = 'kept' ORDER BY 1`,
      [again.id],
    );
    expect(kept).toEqual([{ id: String(HR) }, { id: String(TEAM) }, { id: "zhang" }]);

    await releaseKept(actor, app.appId, { object: "member", id: "zhang", withBelow: false });
    await releaseKept(actor, app.appId, { object: "department", id: String(HR), withBelow: false });
    expect(await sync()).toMatchObject({ removed: 1, membersRemoved: 1 });
    await expect(
      releaseKept(actor, app.appId, { object: "member", id: "zhang", withBelow: false }),
    ).rejects.toMatchObject({
      code: "not_found",
    });
  });

  test("a restored object stays exempt, even when DingTalk lists it again with changes", async () => {
    const { dingtalk, app, sync, actor } = await openRemoved();
    await restoreRemoved(actor, app.appId, { object: "member", ids: ["zhang"], withBelow: false });
    dingtalk.control.changeDirectory(CORP, [
      { op: "add_person", name: "张三", userid: "zhang", departments: [1] },
    ]);
    await sync();
    expect(await memberOf(app.appId, "zhang")).toMatchObject({ name: "张三", places: ["1"], kept: true });
    dingtalk.control.changeDirectory(CORP, [{ op: "remove_person", userid: "zhang" }]);
    expect(await sync()).toMatchObject({ membersRemoved: 0 });
    expect(await memberOf(app.appId, "zhang")).toMatchObject({ removed: false });
  });

  test("lists a removed object with the counts of its subtree until the restore period ends", async () => {
    const { app, organization, actor, dingtalk, sync } = await openRemoved();
    const reader = grant({ ...organization, role: "viewer" }, "directory.read");
    const list = (object: "department" | "member", after?: string) =>
      listRemoved(reader, app.appId, removedQuery.parse({ object, after }));
    const show = (object: "department" | "member", id: string, at?: string) =>
      orRemoved(Promise.reject(notFound(object)), reader, app.appId, { object, id, at });
    const [root] = await asAdmin<{ name: string }>(
      `SELECT name FROM department WHERE app_id = $1 AND parent_id IS NULL`,
      [app.appId],
    );
    const first = await list("department");
    expect(first).toMatchObject({
      items: [
        { id: String(HR), name: "人事部", path: [root?.name] },
        { id: String(TEAM), name: "招聘组", path: [root?.name, "人事部"] },
      ],
      next: null,
      counts: { departments: 2, members: 1 },
      days: 30,
    });
    const [at = 0] = first.items.map(({ removedAt }) => removedAt.getTime());
    expect(await list("department", encodeCursor(at, HR))).toMatchObject({ items: [{ id: String(TEAM) }] });
    expect(await list("department", encodeCursor(at, TEAM))).toMatchObject({ items: [] });
    expect(await list("department", encodeCursor(at, "zhang"))).toMatchObject({ items: [{}, {}] });
    expect(await list("member")).toMatchObject({
      items: [{ id: "zhang", name: "张三丰", path: [root?.name, "人事部", "招聘组"] }],
    });
    expect(await show("department", String(HR))).toMatchObject({
      name: "人事部",
      removed: {
        until: new Date((at ?? 0) + 30 * 86_400_000).toISOString(),
        below: { departments: 1, members: 1 },
        paths: [[{ name: root?.name }, { id: String(HR), isRemoved: true }]],
      },
    });
    expect(await show("member", "zhang")).toMatchObject({
      removed: { paths: [[{}, { id: String(HR), isRemoved: true }, { id: String(TEAM), isRemoved: true }]] },
    });
    await expect(show("member", "li")).rejects.toMatchObject({ code: "not_found" });
    await expect(show("member", "zhang", "a run")).rejects.toMatchObject({ code: "not_found" });

    // The team's restore period is just over, so it isn't restored with its parent
    await asAdmin(
      `UPDATE department SET removed_at = now() - interval '30 days' WHERE app_id = $1 AND department_id = $2`,
      [app.appId, TEAM],
    );
    expect(await show("department", String(TEAM))).toMatchObject({ removed: { until: null } });
    expect(await list("department")).toMatchObject({
      items: [{ id: String(HR) }],
      counts: { departments: 1 },
    });
    const restore = (id: number) =>
      restoreRemoved(actor, app.appId, { object: "department", ids: [String(id)], withBelow: true });
    expect(await restore(TEAM)).toEqual({ ok: false, error: "nothing" });
    await asAdmin(
      `UPDATE member SET removed_at = now() - interval '30 days' WHERE app_id = $1 AND user_id = 'zhang'`,
      [app.appId],
    );
    const zhang = { object: "member", ids: ["zhang"], withBelow: false } as const;
    expect(await restoreRemoved(actor, app.appId, zhang)).toEqual({ ok: false, error: "nothing" });
    expect(await restore(HR)).toEqual({ ok: true, value: { restored: 1 } });

    // A department that is released with its subtree is removed by the next plan
    dingtalk.control.changeDirectory(CORP, [
      { op: "add_department", parentId: 1, id: 902, name: "行政部" },
      { op: "add_department", parentId: 902, id: 903, name: "车队" },
      { op: "add_person", name: "王五六", userid: "wang", departments: [903] },
    ]);
    await sync();
    dingtalk.control.changeDirectory(CORP, [
      { op: "remove_person", userid: "wang" },
      { op: "remove_department", id: 903 },
      { op: "remove_department", id: 902 },
    ]);
    expect(await sync()).toMatchObject({ removed: 2, membersRemoved: 1 });
    expect(await restore(902)).toEqual({ ok: true, value: { restored: 3 } });
    expect(await sync()).toMatchObject({ removed: 0, membersRemoved: 0 });
    await releaseKept(actor, app.appId, { object: "department", id: "902", withBelow: true });
    expect(await sync()).toMatchObject({ removed: 2, membersRemoved: 1 });
    expect((await readDepartments(app)).get(HR)).toMatchObject({ removedAt: null });
  });

  test("erases a member after the retention, in history and plans too, except for the id", async () => {
    const { app, organization, actor } = await openRemoved("欧阳无忌");
    await pruneDirectories(organization.organizationId);
    expect(await memberOf(app.appId, "zhang")).toMatchObject({ name: "欧阳无忌", erased: false });
    await asAdmin(
      `UPDATE member SET removed_at = now() - interval '31 days' WHERE app_id = $1 AND user_id = 'zhang'`,
      [app.appId],
    );
    await pruneDirectories(organization.organizationId);

    expect(await memberOf(app.appId, "zhang")).toMatchObject({
      name: "",
      removed: true,
      erased: true,
      personal: null,
    });
    const tables = await asAdmin<{ name: string }>(
      `SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables WHERE schemaname IN ('public', 'pgboss')`,
    );
    for (const { name } of tables) {
      const rows = await asAdmin(
        `SELECT FROM ${name} t WHERE t::text LIKE '%欧阳无忌%' OR t::text LIKE '%ouyangwuji%'`,
      );
      expect(rows, name).toEqual([]);
    }
    const facts = await asAdmin(
      `SELECT kind, before, after FROM directory_change WHERE app_id = $1 AND object_id = 'zhang' ORDER BY kind`,
      [app.appId],
    );
    expect(facts).toEqual([
      { kind: "added", before: null, after: null },
      { kind: "removed", before: null, after: null },
    ]);
    const removed = { object: "member", ids: ["zhang"], withBelow: false } as const;
    expect(await restoreRemoved(actor, app.appId, removed)).toEqual({ ok: false, error: "nothing" });
    const reader = grant({ ...organization, role: "viewer" }, "directory.read");
    const query = { object: "member", id: "zhang" } as const;
    expect(await orRemoved(Promise.reject(notFound("member")), reader, app.appId, query)).toMatchObject({
      name: "",
      removed: { until: null, erasedAt: expect.any(String), paths: [] },
    });
    expect(await memberOf(app.appId, "li")).toMatchObject({ name: "李四光" });
  });
});

describe("history", () => {
  test("deletes history that is too old to be shown, and keeps the rest", async () => {
    const { app, organization, sync, dingtalk } = await openRemoved();
    const pastOf = async () =>
      (
        await asAdmin<{ n: number }>(`SELECT count(*)::int AS n FROM department_past WHERE app_id = $1`, [
          app.appId,
        ])
      )[0]?.n;
    dingtalk.control.changeDirectory(CORP, [{ op: "rename_department", id: 1, name: "新集团" }]);
    await sync();
    const before = await pastOf();
    await pruneDirectories(organization.organizationId);
    expect(await pastOf()).toBe(before);

    await asAdmin(
      `UPDATE change_set SET applied_at = now() - interval '401 days' WHERE app_id = $1 AND revision <= 2`,
      [app.appId],
    );
    await pruneDirectories(organization.organizationId);
    // The two departments that ended with revision 2 are gone, but the root's version in it is still shown
    expect(await pastOf()).toBe((before ?? 0) - 2);
    const sets = await asAdmin(`SELECT revision FROM change_set WHERE app_id = $1`, [app.appId]);
    expect(sets).toEqual([{ revision: 3 }]);
  });
});

describe("S33 switching off personal values", () => {
  test("erases stored values at once, and a running sync doesn't store them again", async () => {
    const { app, sync, admin, organization, dingtalk } = await openRemoved();
    const set = (keeps: boolean) => setKeepsPersonal(grant(admin, "organization.setPersonal"), keeps);
    const sealed = () => asAdmin(`SELECT FROM member_personal WHERE app_id = $1`, [app.appId]);
    expect(await sealed()).not.toEqual([]);
    expect((await memberOf(app.appId, "li"))?.personal).not.toBeNull();
    await setKeepsPersonal(grant(admin, "organization.setPersonal"), false);
    expect(await sealed()).toEqual([]);
    expect((await memberOf(app.appId, "li"))?.personal).toBeNull();
    expect(await sync()).toMatchObject({ membersChanged: 0 });
    expect(await sealed()).toEqual([]);

    await set(true);
    const { tools } = interrupted(toolsFor(dingtalk), 2, () => set(false));
    expect(await syncNow(organization, app, tools)).toMatchObject({ state: "succeeded" });
    expect(await sealed()).toEqual([]);
    expect((await memberOf(app.appId, "li"))?.personal).toBeNull();
  });
});
