import { afterEach, describe, expect, test } from "vitest";
import type { z } from "zod";
import type { AppRef } from "@/lib/app-ref";
import { inOrganization } from "@/lib/db/unit-of-work";
import {
  CORP,
  connectApp,
  interrupted,
  makeOrganization,
  openDingtalk,
  syncNow,
  toolsFor,
  treeOf,
  truthOf,
} from "@/lib/testing/directory-sync";
import { Prisma } from "@/prisma/generated/client";
import type { directoryChange } from "@/simulator/control-input";
import { NeedsSync, type RequestedObjects } from "./read-objects";
import { type Reread, rereadObjects } from "./reread-objects";

type Change = z.input<typeof directoryChange>;

type Requested = { readonly [What in keyof RequestedObjects]?: Readonly<Record<string, boolean>> };

/** An app after its first sync, with functions that change the simulated directory and read parts of it again. */
async function openSynced() {
  const dingtalk = await openDingtalk(19);
  const organization = await makeOrganization();
  const app = await connectApp(organization);
  const tools = toolsFor(dingtalk, { dingtalk: { timeoutMs: 60_000 } });
  const sync = () => syncNow(organization, app, tools);
  await sync();
  dingtalk.control.clearCalls();
  const reread = (
    { departments = {}, members = {} }: Requested,
    { objectsMax = 500, signal = new AbortController().signal } = {},
  ) =>
    rereadObjects(
      app,
      { departments: new Map(Object.entries(departments)), members: new Map(Object.entries(members)) },
      { callsOf: (options) => tools.callsOf(app, () => {}, options), objectsMax, signal },
      async () => {},
    );
  return {
    dingtalk,
    app,
    organization,
    tools,
    sync,
    reread,
    change: (...changes: Change[]) => dingtalk.control.changeDirectory(CORP, changes),
    /** Returns the calls since the first sync, without those for tokens. */
    calls: () => dingtalk.control.readCalls({ path: "topapi/*" }).total,
  };
}

const changesOf = ({ organizationId }: AppRef, { setId }: Reread) =>
  inOrganization({ organizationId }, async (tx) =>
    (
      await tx.directoryChange.findMany({
        where: { organizationId, setId: setId ?? "" },
        orderBy: { number: "asc" },
      })
    ).map(({ object, objectId, kind, reason }) => [object, objectId, kind, reason]),
  );

const UNCHANGED = {
  added: 0,
  changed: 0,
  moved: 0,
  removed: 0,
  membersAdded: 0,
  membersChanged: 0,
  membersMoved: 0,
  membersRemoved: 0,
};

let opened: Awaited<ReturnType<typeof openSynced>> | undefined;

/** A sync is the oracle: after correct re-reads it finds no difference. */
afterEach(async () => {
  const { sync } = opened ?? {};
  opened = undefined;
  if (sync) expect(await sync()).toMatchObject({ state: "succeeded", isComplete: true, ...UNCHANGED });
});

async function open() {
  opened = await openSynced();
  const { dingtalk } = opened;
  const [first, second, third] = [...truthOf(dingtalk)]
    .filter(([, { parentId }]) => parentId === 1)
    .map(([id]) => id);
  if (!first || !second || !third) throw new Error("the simulated tree is too small");
  return { ...opened, first, second, third };
}

describe("departments", () => {
  test("a rename is applied with one call and one change", async () => {
    const { app, reread, change, calls, first } = await open();
    change({ op: "rename_department", id: first, name: "改名" });
    const outcome = await reread({ departments: { [first]: false } });
    expect(await changesOf(app, outcome)).toEqual([["department", String(first), "renamed", null]]);
    expect((await treeOf(app)).get(first)?.name).toBe("改名");
    expect(calls()).toBe(1);
  });

  test("an unchanged department makes no change set", async () => {
    const { reread, first } = await open();
    expect(await reread({ departments: { [first]: false } })).toMatchObject({ setId: null, heldRunId: null });
  });

  test("a new department is added with its parent, its children and its members", async () => {
    const { app, dingtalk, reread, change, first } = await open();
    change(
      { op: "add_department", parentId: first, id: 901, name: "上级" },
      { op: "add_department", parentId: 901, id: 902, name: "新增" },
      { op: "add_department", parentId: 902, id: 903, name: "下级" },
      { op: "add_person", name: "新人", userid: "new-person", departments: [903] },
    );
    const outcome = await reread({ departments: { 902: false } });
    const changes = await changesOf(app, outcome);
    expect(changes.map(([object, id, kind]) => [object, id, kind]).sort()).toEqual([
      ["department", "901", "added"],
      ["department", "902", "added"],
      ["department", "903", "added"],
      ["member", "new-person", "added"],
    ]);
    expect(await treeOf(app)).toEqual(truthOf(dingtalk));
  });

  test("a moved department takes its subtree along", async () => {
    const { app, dingtalk, reread, change, first, second } = await open();
    change({ op: "move_department", id: first, parentId: second });
    const outcome = await reread({ departments: { [first]: false } });
    expect(await changesOf(app, outcome)).toEqual([["department", String(first), "moved", null]]);
    expect(await treeOf(app)).toEqual(truthOf(dingtalk));
  });

  test("a removal that an event announced is applied, and its members are read again", async () => {
    const { app, dingtalk, sync, reread, change } = await open();
    change(
      { op: "add_department", parentId: 1, id: 911, name: "临时" },
      { op: "add_person", name: "甲", userid: "stays", departments: [911, 1] },
      { op: "add_person", name: "乙", userid: "leaves", departments: [911] },
    );
    await sync();
    change({ op: "remove_department", id: 911, people: "leave" });
    const outcome = await reread({ departments: { 911: true } });
    expect(await changesOf(app, outcome)).toEqual([
      ["department", "911", "removed", "gone"],
      ["member", "stays", "moved", null],
      ["member", "leaves", "removed", "gone"],
    ]);
    expect(await treeOf(app)).toEqual(truthOf(dingtalk));
  });

  test("without an announcement, a removal needs a fresh list of the parent", async () => {
    const { app, dingtalk, sync, reread, change, first } = await open();
    change({ op: "add_department", parentId: first, id: 921, name: "临时" });
    await sync();
    const { control } = dingtalk;
    // DingTalk returns 60003 for a department that it still lists
    const id = control.addFault({
      path: "topapi/v2/department/get",
      fault: { kind: "errcode", errcode: 60003 },
    });
    expect(await reread({ departments: { 921: false } })).toMatchObject({ setId: null });
    control.removeFault(id);
    change({ op: "remove_department", id: 921 });
    const outcome = await reread({ departments: { 921: false } });
    expect(await changesOf(app, outcome)).toEqual([["department", "921", "removed", "gone"]]);
  });
});

describe("members", () => {
  test("a new, a changed and a moved member are applied with one call each", async () => {
    const { app, sync, reread, change, calls, dingtalk, first, second } = await open();
    change({ op: "add_person", name: "甲", userid: "changes", departments: [first] });
    change({ op: "add_person", name: "乙", userid: "moves", departments: [first] });
    await sync();
    dingtalk.control.clearCalls();
    change(
      { op: "add_person", name: "丙", userid: "arrives", departments: [first, second] },
      { op: "change_person", userid: "changes", title: "经理" },
      { op: "change_person", userid: "moves", departments: [second] },
    );
    const outcome = await reread({ members: { arrives: false, changes: false, moves: false } });
    expect(await changesOf(app, outcome)).toEqual([
      ["member", "arrives", "added", null],
      ["member", "changes", "changed", null],
      ["member", "moves", "moved", null],
    ]);
    expect(calls()).toBe(3);
  });

  test("a member is removed after an announcement, or if fresh lists lack them", async () => {
    const { app, sync, reread, change, dingtalk, first } = await open();
    change(
      { op: "add_person", name: "甲", userid: "announced", departments: [first] },
      { op: "add_person", name: "乙", userid: "listed", departments: [first] },
      { op: "add_person", name: "丙", userid: "unlisted", departments: [first] },
    );
    await sync();
    change({ op: "remove_person", userid: "announced" }, { op: "remove_person", userid: "unlisted" });
    // DingTalk returns 60121 for a member whom it still lists
    const id = dingtalk.control.addFault({
      path: "topapi/v2/user/get",
      userid: "listed",
      fault: { kind: "errcode", errcode: 60121 },
    });
    const outcome = await reread({ members: { announced: true, listed: false, unlisted: false } });
    dingtalk.control.removeFault(id);
    expect(await changesOf(app, outcome)).toEqual([
      ["member", "announced", "removed", "gone"],
      ["member", "unlisted", "removed", "gone"],
    ]);
  });

  test("objects that the app may no longer read are reported and stay", async () => {
    const { app, sync, reread, change, dingtalk, first } = await open();
    change({ op: "add_person", name: "甲", userid: "hidden", departments: [first] });
    await sync();
    opened = undefined;
    const fault = (path: string, errcode: number) =>
      dingtalk.control.addFault({ path, fault: { kind: "errcode", errcode } });
    fault("topapi/v2/user/get", 50002);
    fault("topapi/v2/department/get", 50004);
    const outcome = await reread({ departments: { [first]: true }, members: { hidden: true } });
    expect(outcome).toMatchObject({ setId: null, heldRunId: null });
    expect([...outcome.outOfScope.departments, ...outcome.outOfScope.members]).toEqual([
      String(first),
      "hidden",
    ]);
    expect((await treeOf(app)).has(first)).toBe(true);
  });

  test("personal values are neither read nor stored unless the organization keeps them", async () => {
    const { app, reread, change, first } = await open();
    change({ op: "add_person", name: "甲", userid: "private", departments: [first] });
    await reread({ members: { private: false } });
    const { organizationId } = app;
    const personal = await inOrganization(app, (tx) =>
      tx.memberPersonal.count({ where: { organizationId } }),
    );
    expect(personal).toBe(0);
  });
});

describe("limits of removals", () => {
  /** Adds people who then leave, and limits removals to `removable` of them in 24 hours. */
  async function openLeaving(people: number, removable: number) {
    const world = await open();
    const { app, change, sync, first } = world;
    const ids = Array.from({ length: people }, (_, index) => `p${index}`);
    change(
      ...ids.map(
        (userid) => ({ op: "add_person", name: userid, userid, departments: [first] }) satisfies Change,
      ),
    );
    await sync();
    await inOrganization(app, (tx) =>
      tx.directorySettings.create({ data: { ...app, membersRemovable: removable } }),
    );
    change(...ids.map((userid) => ({ op: "remove_person", userid }) satisfies Change));
    opened = undefined;
    const heldRuns = () =>
      inOrganization(app, (tx) =>
        tx.syncRun.findMany({ where: { organizationId: app.organizationId, trigger: "event" } }),
      );
    return { ...world, heldRuns };
  }

  test("removals beyond the limit of 24 hours collect in one held run, while other changes continue", async () => {
    const { app, reread, change, heldRuns, first } = await openLeaving(5, 3);
    expect(await reread({ members: { p0: true, p1: true, p2: true } })).toMatchObject({ heldRunId: null });
    expect(await heldRuns()).toEqual([]);
    change({ op: "rename_department", id: first, name: "改名" });
    const fourth = await reread({ departments: { [first]: false }, members: { p3: true } });
    expect(await changesOf(app, fourth)).toEqual([["department", String(first), "renamed", null]]);
    const fifth = await reread({ members: { p4: true } });
    expect([fourth.heldRunId, fifth.setId]).toEqual([fifth.heldRunId, null]);
    expect(await heldRuns()).toMatchObject([
      {
        id: fifth.heldRunId,
        state: "held",
        number: 3,
        removed: 0,
        membersRemoved: 2,
        heldFor: [{ kind: "members_above", removals: 5, removable: 3 }],
      },
    ]);
    // A removal is not held twice
    await reread({ members: { p4: true } });
    expect(await heldRuns()).toMatchObject([{ membersRemoved: 2 }]);
  });

  test("a member who returns leaves the held run, which ends with its last removal", async () => {
    const { reread, change, heldRuns, first } = await openLeaving(2, 0);
    await reread({ members: { p0: true, p1: true } });
    expect(await heldRuns()).toMatchObject([{ state: "held", membersRemoved: 2 }]);
    const back = (userid: string) =>
      ({ op: "add_person", name: userid, userid, departments: [first] }) satisfies Change;
    change(back("p0"));
    await reread({ members: { p0: false } });
    expect(await heldRuns()).toMatchObject([{ state: "held", membersRemoved: 1 }]);
    change(back("p1"));
    await reread({ members: { p1: false } });
    expect(await heldRuns()).toMatchObject([{ state: "superseded", membersRemoved: 0 }]);
  });

  test("a member whom a person keeps is not removed", async () => {
    const { app, reread } = await openLeaving(1, 10);
    const { organizationId } = app;
    await inOrganization(app, (tx) =>
      tx.member.updateMany({ where: { organizationId, userId: "p0" }, data: { keptAt: new Date() } }),
    );
    expect(await reread({ members: { p0: true } })).toMatchObject({ setId: null });
  });
});

describe("settings and scope", () => {
  test("excluded departments and new members in them are not added", async () => {
    const { app, reread, change, sync, first } = await open();
    await inOrganization(app, (tx) =>
      tx.directorySettings.create({
        data: { ...app, excludeIds: [BigInt(first)], percentRemovable: 100 },
      }),
    );
    await sync();
    change({ op: "add_department", parentId: first, id: 931, name: "排除" });
    expect(await reread({ departments: { 931: false } })).toMatchObject({ setId: null });
  });

  test("a subtree that moves into an excluded department needs a sync", async () => {
    const { app, reread, change, sync, first, second } = await open();
    await inOrganization(app, (tx) =>
      tx.directorySettings.create({
        data: { ...app, excludeIds: [BigInt(first)], percentRemovable: 100 },
      }),
    );
    await sync();
    change({ op: "move_department", id: second, parentId: first });
    await expect(reread({ departments: { [second]: false } })).rejects.toThrow(NeedsSync);
    opened = undefined;
  });

  test("a re-read beyond its limit of objects needs a sync, and so does one before the first sync", async () => {
    const { app, reread, first, second } = await open();
    const both = { departments: { [first]: false, [second]: false } };
    await expect(reread(both, { objectsMax: 1 })).rejects.toThrow(NeedsSync);
    expect(await reread(both, { objectsMax: 2 })).toMatchObject({ setId: null });
    await inOrganization(app, (tx) =>
      tx.directory.updateMany({ where: app, data: { scope: Prisma.DbNull } }),
    );
    await expect(reread(both)).rejects.toThrow(NeedsSync);
  });
});

describe("a sync at the same time", () => {
  test("a sync does not undo changes that events made since it began", async () => {
    const { app, dingtalk, organization, tools, reread, change, first } = await open();
    change(
      { op: "add_person", name: "甲", userid: "retitled", departments: [1] },
      { op: "add_person", name: "乙", userid: "leaves", departments: [1] },
    );
    await syncNow(organization, app, tools);
    const departments = truthOf(dingtalk).size;
    let outcome: Reread | undefined;
    // Before the last list: the walk has read the renamed department and the members of the root
    const { tools: interruptedTools } = interrupted(tools, departments, async () => {
      change(
        { op: "rename_department", id: first, name: "改名" },
        { op: "change_person", userid: "retitled", title: "经理" },
        { op: "remove_person", userid: "leaves" },
        { op: "add_person", name: "丙", userid: "arrives", departments: [1] },
      );
      outcome = await reread({
        departments: { [first]: false },
        members: { retitled: false, leaves: true, arrives: false },
      });
    });
    expect(await syncNow(organization, app, interruptedTools)).toMatchObject({
      state: "succeeded",
      ...UNCHANGED,
    });
    if (!outcome) throw new Error("the sync was not interrupted");
    expect(await changesOf(app, outcome)).toHaveLength(4);
    expect((await treeOf(app)).get(first)?.name).toBe("改名");
  });
});
