import { describe, expect, test } from "vitest";
import {
  asAdmin,
  blockDepartment,
  CORP,
  connectApp,
  countBlockedWriters,
  leastCallsOf,
  makeOrganization,
  openDingtalk,
  readApp,
  readDepartments,
  rowVersions,
  syncNow,
  toolsFor,
  treeOf,
  truthOf,
} from "@/lib/testing/directory-sync";

/** An app after its first sync. */
async function openSynced(size = 19) {
  const dingtalk = await openDingtalk(size);
  const organization = await makeOrganization();
  const app = await connectApp(organization);
  // The test counts calls, so a slow machine must not cause repeats
  const tools = toolsFor(dingtalk, { dingtalk: { timeoutMs: 60_000 } });
  const first = await syncNow(organization, app, tools);
  const sync = () => syncNow(organization, app, tools);
  return { dingtalk, organization, app, tools, first, sync, change: dingtalk.control.changeDirectory };
}

const NOTHING = { added: 0, changed: 0, moved: 0, removed: 0 };

describe("first sync", () => {
  test("the first sync stores a tree of 250 departments and counts them as added", async () => {
    const { dingtalk, app, first } = await openSynced(250);
    const truth = truthOf(dingtalk);

    expect(await treeOf(app)).toEqual(truth);
    expect(first).toMatchObject({ ...NOTHING, state: "succeeded", isComplete: true, added: truth.size });
    expect(first).toMatchObject({ departmentsSeen: truth.size, unchanged: 0, stage: null, error: null });
    // One call of each kind for each department, another page above 100 members, and the scope
    expect(first.calls).toBe(leastCallsOf(first));
    expect(first.callsByApi).toMatchObject({
      "auth/scopes": 1,
      "topapi/v2/department/listsub": truth.size,
      "topapi/v2/department/get": truth.size,
    });
    expect(await readApp(app)).toMatchObject({
      activeRunId: null,
      runsMade: 1,
      lastSeenAt: first.finishedAt,
    });
  });
});

describe("end time of a run", () => {
  test("the end time is after the run's writes, not at the start of its transaction", async () => {
    const { app, sync, change } = await openSynced();
    change(CORP, [{ op: "add_department", parentId: 1, id: 555, name: "新增" }]);
    const blocked = await blockDepartment(app, 555);
    const syncing = sync();
    await expect.poll(countBlockedWriters, { timeout: 10_000 }).toBe(1);
    const [clock] = await asAdmin<{ now: Date }>("SELECT clock_timestamp()::timestamptz(3) AS now");
    await blocked.release();
    const run = await syncing;

    const writtenAt = clock?.now.getTime() ?? Number.POSITIVE_INFINITY;
    expect(run.finishedAt?.getTime()).toBeGreaterThanOrEqual(writtenAt);
    expect((await readApp(app)).lastSeenAt).toEqual(run.finishedAt);
    const [set] = await asAdmin<{ at: Date }>("SELECT applied_at AS at FROM change_set WHERE id = $1", [
      run.id,
    ]);
    expect(set?.at.getTime()).toBeGreaterThanOrEqual(writtenAt);
  });
});

describe("next sync", () => {
  test("an unchanged directory writes no row, and counts everything as unchanged", async () => {
    const { dingtalk, app, sync } = await openSynced();
    const before = await rowVersions(app);
    const run = await sync();

    expect(run).toMatchObject({
      ...NOTHING,
      state: "succeeded",
      unchanged: truthOf(dingtalk).size,
      number: 2,
    });
    expect(await rowVersions(app)).toBe(before);
    expect(before).not.toBe("");
    expect((await readApp(app)).lastSeenAt).toEqual(run.finishedAt);
  });

  test("classifies a rename, a move, an addition and a removal, and writes only these rows", async () => {
    const { dingtalk, app, sync, change } = await openSynced();
    const [a, b, c] = [...truthOf(dingtalk)].filter(([, { parentId }]) => parentId === 1).map(([id]) => id);
    if (!a || !b || !c) throw new Error("the simulated tree is too small");
    const below = [...truthOf(dingtalk)].filter(([, { parentId }]) => parentId === c).length;
    const before = await readDepartments(app);
    change(CORP, [
      { op: "rename_department", id: a, name: "改名" },
      { op: "move_department", id: b, parentId: a },
      { op: "add_department", parentId: a, id: 555, name: "新增" },
    ]);
    const run = await sync();

    expect(below).toBeGreaterThanOrEqual(0);
    expect(run).toMatchObject({ added: 1, changed: 1, moved: 1, removed: 0, unchanged: before.size - 2 });
    expect(await treeOf(app)).toEqual(truthOf(dingtalk));
    const after = await readDepartments(app);
    const touched = [...after].filter(
      ([id, row]) => row.changedAt.getTime() !== before.get(id)?.changedAt.getTime(),
    );
    expect(touched.map(([id]) => id).sort()).toEqual([a, b, 555].sort());
    expect(after.get(a)?.firstSeenAt).toEqual(before.get(a)?.firstSeenAt);
  });

  test("marks a removed department, and restores its row when it returns", async () => {
    const { dingtalk, app, sync, change } = await openSynced();
    change(CORP, [{ op: "add_department", parentId: 1, id: 555, name: "临时" }]);
    await sync();
    const born = (await readDepartments(app)).get(555);
    change(CORP, [{ op: "remove_department", id: 555 }]);

    expect(await sync()).toMatchObject({ ...NOTHING, removed: 1, isComplete: true });
    const gone = (await readDepartments(app)).get(555);
    expect(gone).toMatchObject({ name: "临时", removedAt: expect.any(Date), firstSeenAt: born?.firstSeenAt });
    expect(await sync()).toMatchObject(NOTHING);

    change(CORP, [{ op: "add_department", parentId: 1, id: 555, name: "回来" }]);
    expect(await sync()).toMatchObject({ ...NOTHING, added: 1 });
    const back = (await readDepartments(app)).get(555);
    expect(back).toMatchObject({ name: "回来", removedAt: null, firstSeenAt: born?.firstSeenAt });
    expect(await treeOf(app)).toEqual(truthOf(dingtalk));
  });

  test("a sync applies 200 random changes exactly", async () => {
    const { dingtalk, app, sync } = await openSynced(60);
    for (const seed of [1, 2]) {
      dingtalk.control.churn(CORP, { count: 100, seed });
      const run = await sync();

      expect(run).toMatchObject({ state: "succeeded", isComplete: true });
      expect(await treeOf(app)).toEqual(truthOf(dingtalk));
    }
  });

  test("stores undocumented fields of departments, and ignores those of members", async () => {
    const { app, sync, change } = await openSynced();
    change(CORP, [{ op: "set_department_fields", id: 1, fields: { member_count: 77, x_new: { since: 1 } } }]);
    expect(await sync()).toMatchObject({ ...NOTHING, changed: 1 });
    expect((await readDepartments(app)).get(1)?.extra).toMatchObject({ x_new: { since: 1 } });

    change(CORP, [{ op: "set_department_fields", id: 1, fields: { member_count: 78, x_new: { since: 1 } } }]);
    expect(await sync()).toMatchObject(NOTHING);
  });
});
