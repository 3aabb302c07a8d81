import { describe, expect, test } from "vitest";
import {
  CORP,
  connectApp,
  makeOrganization,
  openDingtalk,
  readApp,
  rowVersions,
  syncNow,
  TEST_APP_KEY,
  toolsFor,
  treeOf,
  truthOf,
} from "@/lib/testing/directory-sync";

const LISTSUB = "topapi/v2/department/listsub";
const GET = "topapi/v2/department/get";

/** An app whose scope is `roots`, and the tools to sync it. */
async function openScoped(roots?: (top: number[]) => number[], size = 19) {
  const dingtalk = await openDingtalk(size);
  const organization = await makeOrganization();
  const app = await connectApp(organization);
  const truth = truthOf(dingtalk);
  const top = [...truth].filter(([, { parentId }]) => parentId === 1).map(([id]) => id);
  const setScope = (departments: number[]) =>
    dingtalk.control.changeApp(TEST_APP_KEY, { scope: { departments, users: [] } });
  if (roots) setScope(roots(top));
  const sync = () => syncNow(organization, app, toolsFor(dingtalk));
  /** Returns the ids of a subtree. */
  const below = (...starts: number[]) => {
    const ids = new Set(starts);
    for (let before = 0; before < ids.size; ) {
      before = ids.size;
      for (const [id, { parentId }] of truthOf(dingtalk))
        if (parentId !== null && ids.has(parentId)) ids.add(id);
    }
    return [...ids].sort((a, b) => a - b);
  };
  const storedIds = async () => [...(await treeOf(app)).keys()].sort((a, b) => a - b);
  return { dingtalk, control: dingtalk.control, organization, app, top, setScope, sync, below, storedIds };
}

describe("scopes narrower than the organization", () => {
  test("reads a narrow scope from its roots, which become top departments, and requests nothing else", async () => {
    const { control, app, top, sync, below, storedIds } = await openScoped(([a, b]) => [a ?? 0, b ?? 0]);
    const run = await sync();

    expect(run).toMatchObject({ state: "succeeded", isComplete: true, error: null });
    expect(await storedIds()).toEqual(below(top[0] ?? 0, top[1] ?? 0));
    expect((await treeOf(app)).get(top[0] ?? 0)?.parentId).toBeNull();
    expect(control.readCalls({ path: LISTSUB }).byOutcome).toEqual({ ok: run.added });
  });

  test("reads one tree when a root of the scope is below another", async () => {
    const { dingtalk, app, sync, top } = await openScoped(([a]) => [a ?? 0]);
    const inner = [...truthOf(dingtalk)].find(([, { parentId }]) => parentId === top[0])?.[0] ?? 0;
    dingtalk.control.changeApp(TEST_APP_KEY, { scope: { departments: [inner, top[0] ?? 0], users: [] } });
    const run = await sync();

    expect(run).toMatchObject({ isComplete: true, moved: 0 });
    expect((await treeOf(app)).get(inner)?.parentId).toBe(top[0]);
  });

  test("a wider scope adds new departments and moves the old roots below their parents", async () => {
    const { dingtalk, app, setScope, sync } = await openScoped(([a]) => [a ?? 0]);
    await sync();
    setScope([1]);
    const run = await sync();

    expect(run).toMatchObject({ isComplete: true, moved: 1, removed: 0 });
    expect(await treeOf(app)).toEqual(truthOf(dingtalk));
  });

  test("a scope without a department holds the run and keeps the tree", async () => {
    const { app, setScope, sync, below } = await openScoped();
    await sync();
    const before = await rowVersions(app);
    setScope([]);

    expect(await sync()).toMatchObject({
      state: "held",
      removed: below(1).length,
      heldFor: expect.arrayContaining(
        [
          {
            kind: "scope_empty",
            scopeBefore: { departmentIds: ["1"] },
            scope: { departmentIds: [], userIds: [] },
          },
        ].map((reason) =>
          expect.objectContaining({ ...reason, scopeBefore: expect.objectContaining(reason.scopeBefore) }),
        ),
      ),
    });
    expect(await rowVersions(app)).toBe(before);
  });
});

describe("scopes that shrank", () => {
  test("a smaller scope holds the run with the reason, and keeps departments under their parents", async () => {
    const { app, top, setScope, sync, below } = await openScoped();
    const first = await sync();
    const before = await rowVersions(app);
    setScope([top[0] ?? 0]);
    const run = await sync();

    const departments = below(1).length - below(top[0] ?? 0).length;
    expect(run).toMatchObject({
      state: "held",
      error: null,
      added: 0,
      changed: 0,
      moved: 0,
      removed: departments,
    });
    expect(run.heldFor).toContainEqual(expect.objectContaining({ kind: "scope_shrank", departments }));
    expect(await rowVersions(app)).toBe(before);
    expect((await readApp(app)).lastSeenAt).toEqual(first.finishedAt);
  });

  test("a smaller scope does not remove departments that are gone either, until someone decides", async () => {
    const { control, top, setScope, sync, storedIds } = await openScoped();
    control.changeDirectory(CORP, [{ op: "add_department", parentId: top[0] ?? 0, id: 555, name: "临时" }]);
    await sync();
    const before = await storedIds();
    control.changeDirectory(CORP, [{ op: "remove_department", id: 555 }]);
    setScope([top[0] ?? 0]);

    expect(await sync()).toMatchObject({ state: "held" });
    expect(await storedIds()).toEqual(before);
  });

  test("a scope that shrinks during the read causes a new read from the new roots, and removes nothing", async () => {
    const { dingtalk, control, app, organization, top, setScope, sync, below } = await openScoped();
    await sync();
    control.clearCalls();
    const before = await rowVersions(app);
    const [first = 0] = top;
    const tools = toolsFor(dingtalk);
    let lists = 0;
    const run = await syncNow(organization, app, {
      ...tools,
      callsOf: async (ref, onAttempt) => {
        const calls = await tools.callsOf(ref, onAttempt);
        return {
          ...calls,
          listSub: (id, signal) => {
            lists += 1;
            if (lists === 5) setScope([first]);
            return calls.listSub(id, signal);
          },
        };
      },
    });

    expect(control.readCalls({ path: "auth/scopes" }).total).toBe(2);
    expect(control.readCalls({ path: LISTSUB }).byOutcome["50004"]).toBeGreaterThan(0);
    expect(run).toMatchObject({ state: "held" });
    expect(run.heldFor).toContainEqual(expect.objectContaining({ kind: "scope_shrank" }));
    expect(run.departmentsSeen).toBe(below(first).length);
    expect(await rowVersions(app)).toBe(before);
  });
});

describe("directories that change during the read", () => {
  test("lists the parent again after 60003 for a department that was just deleted", async () => {
    const { dingtalk, control, app, top, sync } = await openScoped();
    control.changeDirectory(CORP, [{ op: "add_department", parentId: 1, id: 2, name: "短命", order: 0 }]);
    await sync();
    control.clearCalls();
    control.addFault({
      path: LISTSUB,
      afterCalls: 1,
      times: 1,
      fault: { kind: "change", corpId: CORP, changes: [{ op: "remove_department", id: 2 }] },
    });
    const run = await sync();

    expect(run).toMatchObject({ state: "succeeded", isComplete: true, removed: 1, error: null });
    expect(await treeOf(app)).toEqual(truthOf(dingtalk));
    expect(top.length).toBeGreaterThan(1);
    expect(control.readCalls({ path: LISTSUB }).byOutcome).toMatchObject({ 60003: 1 });
  });

  test("finds a department that moved into a part already read", async () => {
    const { dingtalk, control, app, top, sync, below } = await openScoped();
    await sync();
    const [first = 0] = top;
    const deep = below(1).filter((id) => {
      const parentId = truthOf(dingtalk).get(id)?.parentId ?? 1;
      return parentId !== 1 && truthOf(dingtalk).get(parentId)?.parentId !== 1;
    });
    const moved = deep.find((id) => !below(first).includes(id)) ?? 0;
    const parentId = truthOf(dingtalk).get(moved)?.parentId;
    expect(parentId).toBeGreaterThan(1);
    // By the time the third level is read, the level that `first` left was read without it
    control.addFault({
      path: LISTSUB,
      afterCalls: 1 + top.length,
      times: 1,
      fault: {
        kind: "change",
        corpId: CORP,
        changes: [{ op: "move_department", id: moved, parentId: first }],
      },
    });
    const run = await sync();

    expect(run).toMatchObject({ state: "succeeded", isComplete: true, moved: 1, removed: 0 });
    expect(await treeOf(app)).toEqual(truthOf(dingtalk));
    expect(Object.keys(control.readCalls({ path: GET }).byOutcome)).toEqual(["ok"]);
  });
});

describe("empty answers", () => {
  const nothing = { kind: "body", body: '{"errcode":0,"errmsg":"ok","result":[],"request_id":"r"}' } as const;

  test("an empty answer to every list removes nothing, and holds the run", async () => {
    const { control, app, sync, below } = await openScoped();
    await sync();
    const before = await rowVersions(app);
    control.addFault({ path: LISTSUB, fault: nothing });
    const run = await sync();

    const reason = { kind: "answer_empty", held: below(1).length, seen: 1 };
    expect(run.state).toBe("held");
    expect(run.heldFor).toContainEqual(expect.objectContaining(reason));
    expect(await rowVersions(app)).toBe(before);
  });

  test("an empty answer to some lists removes nothing, because missing departments are looked up", async () => {
    const { control, app, sync } = await openScoped();
    await sync();
    const before = await rowVersions(app);
    control.addFault({ path: LISTSUB, afterCalls: 4, fault: nothing });

    expect(await sync()).toMatchObject({ state: "succeeded", isComplete: true, removed: 0 });
    expect(await rowVersions(app)).toBe(before);
  });

  test("an answer without a list field is an error, not an empty list", async () => {
    const { control, app, sync } = await openScoped();
    await sync();
    const before = await rowVersions(app);
    control.addFault({ path: LISTSUB, fault: { kind: "body", body: '{"errcode":0,"errmsg":"ok"}' } });

    expect(await sync()).toMatchObject({ state: "failed", error: { kind: "not_dingtalk" } });
    expect(await rowVersions(app)).toBe(before);
  });
});
