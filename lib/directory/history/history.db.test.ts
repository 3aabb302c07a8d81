import fc from "fast-check";
import { expect, test } from "vitest";
import type { Actor } from "@/lib/auth/actor";
import { asAdmin } from "@/lib/testing/directory-sync";
import { openApp, type World, world } from "../apply/test-support/worlds";
import { exportDirectory } from "../export/export-directory";
import { getMemberDetail } from "../members/get-member-detail";
import { listDepartmentMembers } from "../members/list-department-members";
import { getDepartmentDetail } from "../tree/get-department-detail";
import { getTreeStart } from "../tree/get-tree-start";
import { listChildren } from "../tree/list-children";
import { compareRuns } from "./compare-runs";
import { listHistory } from "./list-history";
import { streamPastDepartments, streamPastPeople } from "./stream-past";

const LOCALE = "zh-CN";

type Reader = { readonly actor: Actor<"directory.read">; readonly appId: string; readonly at: string };

/** Reads the directory after a run through the queries of the pages. */
async function readWorld({ actor, appId, at }: Reader, userIds: readonly string[]): Promise<World> {
  const departments = new Map<number, { parent: number | null; name: string }>();
  const add = async (parent: string | undefined) => {
    const page = await listChildren(actor, appId, { parent, at, locale: LOCALE });
    expect(page.total).toBe(page.items.length);
    for (const { id, name, hasChildren } of page.items) {
      departments.set(Number(id), { parent: parent === undefined ? null : Number(parent), name });
      if (hasChildren) await add(id);
    }
  };
  await add(undefined);
  const members = new Map<string, { name: string; places: number[] }>();
  for (const id of userIds) {
    const detail = await getMemberDetail(actor, appId, { id, at }).catch(() => null);
    if (!detail) continue;
    expect(detail.now, "no fields that only the present has").toBeNull();
    const places = detail.seats.map(({ departmentId }) => Number(departmentId));
    members.set(id, { name: detail.name, places });
  }
  return { departments, members };
}

/** Reads the directory after a run through the streams of the export, in batches of two. */
async function savedWorld(reader: Reader): Promise<World> {
  const departments = new Map<number, { parent: number | null; name: string }>();
  for await (const batch of streamPastDepartments({ ...reader, size: 2 }))
    for (const one of batch) {
      if ("end" in one)
        expect(one).toEqual({ end: true, run: reader.at, count: departments.size, changed: false });
      else
        departments.set(Number(one.id), {
          parent: one.parentId === null ? null : Number(one.parentId),
          name: one.name,
        });
    }
  const members = new Map<string, { name: string; places: number[] }>();
  for await (const batch of streamPastPeople({ ...reader, size: 2 })) {
    if ("end" in batch) expect(batch).toMatchObject({ count: members.size, changed: false });
    else
      for (const { userId, name, places } of batch.people)
        members.set(userId, { name, places: places.map(({ departmentId }) => Number(departmentId)) });
  }
  return { departments, members };
}

async function saved({ actor, appId, at }: Reader, what: "departments" | "members"): Promise<string> {
  let text = "";
  const file = { what, format: "csv", at, personal: "masked", titleOf: (column: string) => column } as const;
  for await (const part of exportDirectory(actor, appId, file)) text += part;
  return text;
}

/** Returns the members of a department, by its own list. */
const seated = (then: World, department: number) =>
  [...then.members].filter(([, { places }]) => places.includes(department)).map(([id]) => id);

test("shows the tree, details and members after any run as they were then", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(world, { minLength: 2, maxLength: 4 }), async (worlds) => {
      const { app, organization, become } = await openApp();
      const { appId } = app;
      const actor = organization.reader;
      const history: [string, World][] = [];
      for (const next of worlds) history.push([await become(next), next]);
      const userIds = [...new Set(worlds.flatMap(({ members }) => [...members.keys()]))];
      for (const [at, then] of history) {
        expect(await readWorld({ actor, appId, at }, userIds)).toEqual(then);
        expect(await savedWorld({ actor, appId, at })).toEqual(then);
        const start = await getTreeStart(actor, appId, { at, locale: LOCALE });
        expect(start).toMatchObject({
          departmentCount: then.departments.size,
          memberCount: then.members.size,
        });
        for (const id of then.departments.keys()) {
          const there = seated(then, id);
          const page = await listDepartmentMembers(actor, appId, {
            department: String(id),
            at,
            locale: LOCALE,
          });
          expect(page.items.map((one) => one.id).sort()).toEqual(there.sort());
          const detail = await getDepartmentDetail(actor, appId, { id: String(id), at });
          expect(detail).toMatchObject({ directPeople: there.length, allPeople: null });
          expect(detail.path.map(({ name }) => name)).toEqual(pathIn(then, id));
        }
      }
    }),
    { numRuns: 8 },
  );
}, 120_000);

function pathIn({ departments }: World, id: number): string[] {
  const { parent, name } = departments.get(id) ?? { parent: null, name: "" };
  return parent === null ? [name] : [...pathIn({ departments, members: new Map() }, parent), name];
}

test("returns not_found for a run without a revision, of another app or organization, or outside the history", async () => {
  const one: World = { departments: new Map([[1, { parent: null, name: "根" }]]), members: new Map() };
  const mine = await openApp();
  const theirs = await openApp();
  const [runId, foreign] = [await mine.become(one), await theirs.become(one)];
  const look = (at: string) => listChildren(mine.organization.reader, mine.app.appId, { at, locale: LOCALE });
  expect(await look(runId), "the control").toMatchObject({ total: 1 });
  const save = (what: "departments" | "members", at: string) =>
    saved({ actor: mine.organization.reader, appId: mine.app.appId, at }, what);
  expect(await save("departments", runId)).toMatch(/^\ufeffid,parentId,.*\r\n1,,根,.*,0,,\r\n$/);
  expect(await save("members", runId), "no column of what the past doesn't keep").toBe(
    "\ufeffuserId,name,title,jobNumber,departments,isActive,departmentIds\r\n",
  );
  for (const at of [foreign, "00000000-0000-4000-8000-000000000000"]) {
    await expect(look(at)).rejects.toMatchObject({ code: "not_found" });
    for (const what of ["departments", "members"] as const)
      await expect(save(what, at)).rejects.toMatchObject({ code: "not_found" });
  }
  await asAdmin(`UPDATE sync_run SET finished_at = now() - interval '401 days' WHERE id = $1`, [runId]);
  await expect(look(runId)).rejects.toMatchObject({ code: "not_found" });
});

type State = { readonly name: string; readonly where: readonly number[] };

/** Returns the names and places of a world's departments and members. */
function statesOf({ departments, members }: World): Map<string, State> {
  return new Map([
    ...[...departments].map(
      ([id, { parent, name }]) =>
        [`department ${id}`, { name, where: parent === null ? [] : [parent] }] as const,
    ),
    ...[...members].map(([id, { places, name }]) => [`member ${id}`, { name, where: places }] as const),
  ]);
}

function kindOf(before: State | undefined, after: State | undefined): string | null {
  if (!before || !after) return after ? "added" : before ? "removed" : null;
  if (String(before.where) !== String(after.where)) return "moved";
  return before.name === after.name ? null : "renamed";
}

/** Returns the differences between two worlds, by object. */
function differenceOf(one: World, other: World): Record<string, string> {
  const [before, after] = [statesOf(one), statesOf(other)];
  const ids = [...new Set([...before.keys(), ...after.keys()])];
  return Object.fromEntries(
    ids.flatMap((id) => {
      const kind = kindOf(before.get(id), after.get(id));
      return kind === null ? [] : [[id, kind] as const];
    }),
  );
}

test("compareRuns returns the difference of the two directories, and listHistory every change", async () => {
  const nothing: World = { departments: new Map(), members: new Map() };
  await fc.assert(
    fc.asyncProperty(fc.array(world, { minLength: 2, maxLength: 4 }), async (worlds) => {
      const { app, organization, become } = await openApp();
      const { appId } = app;
      const actor = organization.reader;
      const runs: string[] = [];
      for (const next of worlds) runs.push(await become(next));
      const difference = async (from: number, to: number) => {
        const query = { from: runs[from] ?? "", to: runs[to] ?? "" };
        const found = await compareRuns(actor, appId, query);
        if (!found.ok) throw new Error("a comparison took too long");
        return Object.fromEntries(
          found.value.changes.map(({ object, id, kind }) => [`${object} ${id}`, kind]),
        );
      };
      const last = worlds.length - 1;
      const expected = differenceOf(worlds[0] ?? nothing, worlds[last] ?? nothing);
      expect(await difference(0, last)).toEqual(expected);
      expect(await difference(last, 0), "the earlier one is the earlier one").toEqual(expected);

      const steps = worlds.map((next, index) => differenceOf(worlds[index - 1] ?? nothing, next));
      for (const key of new Set(steps.flatMap((step) => Object.keys(step)))) {
        const [object, id] = key.split(" ") as ["department" | "member", string];
        const { entries } = await listHistory(actor, appId, { object, id });
        // A returned object keeps its row
        const kinds = entries.map(({ kind }) => (kind === "returned" ? "added" : kind)).toReversed();
        expect(kinds).toEqual(steps.flatMap((step) => step[key] ?? []));
      }
    }),
    { numRuns: 8 },
  );
}, 120_000);

type Placed = readonly [number, { readonly parent: number | null; readonly name: string }];

test("filters differences by kind and name, pages them, and shows a move with both paths", async () => {
  const { app, organization, become } = await openApp();
  const actor = organization.reader;
  const many = Array.from({ length: 150 }, (_, n): Placed => [100 + n, { parent: 2, name: `部门 ${n}` }]);
  const base: readonly Placed[] = [
    [1, { parent: null, name: "根" }],
    [2, { parent: 1, name: "销售" }],
    [3, { parent: 1, name: "研发" }],
  ];
  const people = (place: number) => new Map([["an", { name: "安三", places: [place] }]]);
  const from = await become({ departments: new Map([...base, ...many]), members: people(2) });
  await become({ departments: new Map(base), members: people(2) });
  const moved = many.map(([id, { name }]): Placed => [id, { parent: 3, name }]);
  const to = await become({ departments: new Map([...base, ...moved]), members: people(3) });
  const compare = async (query: object) => {
    const found = await compareRuns(actor, app.appId, { from, to, ...query });
    if (!found.ok) throw new Error("a comparison took too long");
    return found.value;
  };
  const first = await compare({ object: "department" });
  expect(first).toMatchObject({ counts: { department: 150, member: 1 }, previous: null });
  expect(first.changes[0]).toMatchObject({
    kind: "moved",
    fields: [{ field: "parent", before: { paths: [["根", "销售"]] }, after: { paths: [["根", "研发"]] } }],
  });
  const second = await compare({ object: "department", after: first.next ?? 0 });
  expect([...first.changes, ...second.changes].map(({ id }) => Number(id))).toEqual(many.map(([id]) => id));
  expect(second.next).toBeNull();
  const back = await compare({ object: "department", before: second.changes[0]?.number });
  expect(back.changes).toEqual(first.changes);
  expect((await compare({ q: "%" })).changes, "typed signs stand for themselves").toEqual([]);
  expect((await compare({ q: "部门 149" })).changes).toMatchObject([{ id: "249" }]);
  expect((await compare({ object: "member", kind: "moved" })).changes).toMatchObject([
    { id: "an", path: ["根", "研发"], fields: [{ field: "departments" }] },
  ]);
});
