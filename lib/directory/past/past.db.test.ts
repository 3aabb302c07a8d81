import fc from "fast-check";
import { expect, test } from "vitest";
import type { Actor } from "@/lib/auth/actor";
import { asAdmin } from "@/lib/testing/directory-sync";
import { openApp, type World, world } from "../changes/test-support/worlds";
import { getMemberDetail } from "../members/get-member-detail";
import { listMembers } from "../members/list-members";
import { getDepartmentDetail } from "../tree/get-department-detail";
import { getTreeStart } from "../tree/get-tree-start";
import { listChildren } from "../tree/list-children";

const LOCALE = "zh-CN";

type Reader = { readonly actor: Actor<"directory.read">; readonly appId: string; readonly at: string };

/** The directory after a run, put together from what the pages ask for. */
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
    expect(detail.now, "nothing that only the present knows").toBeNull();
    const places = detail.seats.map(({ departmentId }) => Number(departmentId));
    members.set(id, { name: detail.name, places });
  }
  return { departments, members };
}

/** Who sits in a department, by its own list. */
const seated = (then: World, department: number) =>
  [...then.members].filter(([, { places }]) => places.includes(department)).map(([id]) => id);

test("the tree, its details and its people as of any run are what they were after it", async () => {
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
        const start = await getTreeStart(actor, appId, { at, locale: LOCALE });
        expect(start).toMatchObject({
          departmentCount: then.departments.size,
          memberCount: then.members.size,
        });
        for (const id of then.departments.keys()) {
          const there = seated(then, id);
          const page = await listMembers(actor, appId, { department: String(id), at, locale: LOCALE });
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

test("a run that left no directory, another app's, another organization's or one too long ago can't be looked at", async () => {
  const one: World = { departments: new Map([[1, { parent: null, name: "根" }]]), members: new Map() };
  const mine = await openApp();
  const theirs = await openApp();
  const [runId, foreign] = [await mine.become(one), await theirs.become(one)];
  const look = (at: string) => listChildren(mine.organization.reader, mine.app.appId, { at, locale: LOCALE });
  expect(await look(runId), "the control").toMatchObject({ total: 1 });
  for (const at of [foreign, "00000000-0000-4000-8000-000000000000"])
    await expect(look(at)).rejects.toMatchObject({ code: "not_found" });
  await asAdmin(`UPDATE sync_run SET finished_at = now() - interval '401 days' WHERE id = $1`, [runId]);
  await expect(look(runId)).rejects.toMatchObject({ code: "not_found" });
});
