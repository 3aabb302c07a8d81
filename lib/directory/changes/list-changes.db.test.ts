import { beforeAll, describe, expect, test } from "vitest";
import {
  asAdmin,
  CORP,
  connectApp,
  makeOrganization,
  openDingtalk,
  syncNow,
  TEST_APP_KEY,
  toolsFor,
  truthOf,
} from "@/lib/testing/directory-sync";
import { changesCsv } from "./changes-csv";
import { listChanges } from "./list-changes";
import { listRemovals } from "./list-removals";
import { type ChangesQuery, changesQuery, type ShownChange } from "./schema";

type Truth = ReturnType<typeof truthOf>;

const HOSTILE = "销售\u202Etxt.exe 100%_\\";

/** Returns a department and all departments below it. */
function subtreeOf(truth: Truth, id: number): number[] {
  const below = [...truth]
    .filter(([, { parentId }]) => parentId === id)
    .flatMap(([child]) => subtreeOf(truth, child));
  return [id, ...below];
}

const pathOf = (truth: Truth, id: number | null): string[] => {
  const at = id === null ? undefined : truth.get(id);
  return at ? [...pathOf(truth, at.parentId), at.name] : [];
};

/** Creates a held run: the app's scope shrinks to one branch of the tree, which has also changed. */
async function openHeld() {
  const dingtalk = await openDingtalk(60);
  const organization = await makeOrganization();
  const app = await connectApp(organization);
  const sync = () => syncNow(organization, app, toolsFor(dingtalk));
  const first = await sync();
  const truth = truthOf(dingtalk);
  const tops = [...truth].filter(([, { parentId }]) => parentId === 1).map(([id]) => id);
  const kept = tops.map((top) => subtreeOf(truth, top)).reduce((a, b) => (a.length >= b.length ? a : b));
  const [top = 0, renamed = 0] = kept;
  const leaf = kept.at(-1) ?? 0;
  const ids = dingtalk.control.changeDirectory(CORP, [
    { op: "rename_department", id: renamed, name: HOSTILE },
    { op: "add_department", parentId: top, name: "新部门" },
    { op: "add_person", name: "新来的", userid: "newcomer", departments: [leaf] },
  ]);
  const added = Number(ids[1]);
  dingtalk.control.changeDirectory(CORP, [
    { op: "add_department", parentId: added, name: "新部门之下" },
    { op: "move_department", id: leaf, parentId: added },
  ]);
  dingtalk.control.changeApp(TEST_APP_KEY, { scope: { departments: [top], users: [] } });
  const held = await sync();
  const ref = { appId: app.appId, runId: held.id };
  const list = async (query: ChangesQuery = {}, run = ref) => {
    const listed = await listChanges(organization.reader, run, query);
    if (!listed.ok) throw new Error(listed.error);
    return listed.value;
  };
  return { dingtalk, organization, app, first, held, ref, truth, tops, top, renamed, leaf, added, list };
}

let world: Awaited<ReturnType<typeof openHeld>>;
beforeAll(async () => {
  world = await openHeld();
});

async function removals(parent: string | null = null) {
  const listed = await listRemovals(world.organization.reader, world.ref, parent);
  if (!listed.ok) throw new Error(listed.error);
  return listed.value;
}

const named = (changes: readonly ShownChange[], name: string) =>
  changes.filter((change) => change.name === name);

describe("listChanges", () => {
  test("returns the object, its path and its fields before and after, for a plan that was not applied", async () => {
    const { list, truth, top, leaf, renamed, held } = world;
    expect(held.state).toBe("held");
    const { changes } = await list({ object: "department", kind: "moved" });
    const parent = truth.get(leaf)?.parentId ?? null;
    const at = pathOf(truth, top);
    expect(named(changes, truth.get(leaf)?.name ?? "")).toMatchObject([
      {
        path: [...at, "新部门"],
        fields: expect.arrayContaining([
          {
            field: "parent",
            department: null,
            before: { paths: [pathOf(truth, parent)] },
            after: { paths: [[...at, "新部门"]] },
          },
        ]),
      },
    ]);
    const { changes: others } = await list({ object: "department", kind: "renamed" });
    expect(others).toMatchObject([
      {
        id: String(renamed),
        name: HOSTILE,
        fields: expect.arrayContaining([
          { field: "name", department: null, before: truth.get(renamed)?.name, after: HOSTILE },
        ]),
      },
    ]);
    const [below] = (await list({ q: "新部门之下" })).changes;
    expect(below).toMatchObject({ kind: "added", path: [...at, "新部门"], fields: [] });
    const [newcomer] = (await list({ object: "member", kind: "added" })).changes;
    expect(newcomer).toMatchObject({
      id: "newcomer",
      name: "新来的",
      path: [...at, "新部门", truth.get(leaf)?.name],
    });
  });

  test("S26 matches the search text literally, in names before and after the change", async () => {
    const { list, truth, renamed } = world;
    const found = async (q: string) => (await list({ q })).changes.map(({ id }) => id);
    for (const q of [HOSTILE, "TXT.EXE", "%_\\", truth.get(renamed)?.name ?? ""])
      expect(await found(q), q).toContain(String(renamed));
    expect(await found("newcomer")).toEqual(["newcomer"]);
    for (const q of [".*", "_________", "%%", "(("]) expect(await found(q), q).toEqual([]);
    expect(changesQuery.parse({ q: " ", kind: "raw", object: "x", after: "0", before: "-1" })).toEqual({});
  });

  test("returns each change once when paging forward and back", async () => {
    const { app, first, held } = world;
    for (const run of [first, held]) {
      const ref = { appId: app.appId, runId: run.id };
      const list = (query: ChangesQuery) => world.list(query, ref);
      const numbers: number[] = [];
      const pages: ChangesQuery[] = [{}];
      for (let page = await list({}); ; page = await list({ after: page.next })) {
        numbers.push(...page.changes.map(({ number }) => number));
        if (page.next === null) {
          expect(page.previous).toBe(pages.length > 1 ? page.changes[0]?.number : null);
          break;
        }
        pages.push({ after: page.next });
      }
      const stored = await asAdmin<{ n: number }>(
        `SELECT count(*)::int AS n FROM directory_change WHERE set_id = $1`,
        [run.id],
      );
      expect(numbers).toEqual(Array.from({ length: stored[0]?.n ?? 0 }, (_, index) => index + 1));
      expect(numbers.length).toBeGreaterThan(100);
      const second = await list(pages[1] ?? {});
      const back = await list({ before: second.changes[0]?.number });
      expect(back.changes).toEqual((await list({})).changes);
      expect(back.previous).toBeNull();
    }
  });

  test("bounds a page's size in bytes, however long the names are", async () => {
    const { list, first, app } = world;
    await asAdmin(
      `UPDATE directory_change SET after = jsonb_set(after, '{name}', to_jsonb(repeat('华', 2000))) WHERE set_id = $1`,
      [first.id],
    );
    const page = await list({}, { appId: app.appId, runId: first.id });
    expect(Buffer.byteLength(JSON.stringify(page.changes))).toBeLessThan(70_000);
    expect(page.next).toBe(page.changes.at(-1)?.number);
  });

  test("S12 returns only changes of the organization's and the app's own runs", async () => {
    const { organization, ref } = world;
    const other = await makeOrganization();
    const app = await connectApp(organization, { appKey: `${TEST_APP_KEY}-2` });
    const missing = { code: "not_found" };
    for (const [actor, run] of [
      [other.reader, ref],
      [organization.reader, { ...ref, appId: app.appId }],
      [organization.reader, { ...ref, runId: "x" }],
    ] as const) {
      await expect(listChanges(actor, run)).rejects.toMatchObject(missing);
      await expect(listRemovals(actor, run)).rejects.toMatchObject(missing);
    }
  });
});

describe("listRemovals", () => {
  test("groups removals by subtree with their counts, largest first, and lists each level on request", async () => {
    const { ref, truth, tops, top, held } = world;
    const removed = await asAdmin<{ id: string; places: { departmentId: string }[] }>(
      `SELECT object_id AS id, before -> 'places' AS places FROM directory_change
       WHERE set_id = $1 AND object = 'member' AND kind = 'removed'`,
      [ref.runId],
    );
    const peopleIn = (ids: readonly number[]) =>
      removed.filter(({ places }) => places.some(({ departmentId }) => ids.includes(Number(departmentId))));
    const groups = await removals();
    // The root and everything outside the remaining branch is out of scope
    const stays = subtreeOf(truth, top);
    const gone = [...truth.keys()].filter((id) => !stays.includes(id));
    expect(held.removed).toBe(gone.length);
    expect(groups).toMatchObject({
      groupsTotal: 1,
      groups: [
        {
          id: "1",
          name: truth.get(1)?.name,
          path: [],
          departments: gone.length - 1,
          members: peopleIn(gone).length,
        },
      ],
      peopleTotal: removed.length - peopleIn(gone).length,
    });
    const level = await removals("1");
    const wanted = tops
      .filter((id) => id !== top)
      .map((id) => ({
        id: String(id),
        departments: subtreeOf(truth, id).length - 1,
        members: peopleIn(subtreeOf(truth, id)).length,
      }));
    expect(
      new Set(
        level.groups.map(({ id, departments, members }) => JSON.stringify({ id, departments, members })),
      ),
    ).toEqual(new Set(wanted.map((each) => JSON.stringify(each))));
    const sizes = level.groups.map(({ departments, members }) => departments + members);
    expect(sizes).toEqual(sizes.toSorted((a, b) => b - a));
    expect(level.people.map(({ id }) => id).sort()).toEqual(
      peopleIn([1])
        .map(({ id }) => id)
        .sort(),
    );
  });

  test("excludes removals of rows that a person keeps", async () => {
    const { ref, held } = world;
    await asAdmin(`UPDATE directory_change SET outcome = 'kept' WHERE set_id = $1 AND object_id = '1'`, [
      ref.runId,
    ]);
    const groups = await removals();
    expect(groups.groups.map(({ id }) => id)).not.toContain("1");
    const all = groups.groups.reduce((sum, { departments }) => sum + departments + 1, 0);
    expect(all).toBe(held.removed - 1);
    expect(groups.groups.every(({ path }) => path.length === 1)).toBe(true);
  });
});

test("a plan contains only the id of an erased member", async () => {
  const { list, ref } = world;
  await asAdmin(`UPDATE directory_change SET after = NULL WHERE set_id = $1 AND object_id = 'newcomer'`, [
    ref.runId,
  ]);
  expect((await list({ q: "newcomer" })).changes).toMatchObject([
    { id: "newcomer", kind: "added", name: "", path: [], placeCount: 0, fields: [] },
  ]);
});

test("S32 the CSV of a run has a line per changed field, and no cell that a spreadsheet would calculate", async () => {
  const { organization, ref, renamed, truth } = world;
  const words = {
    columns: ["n", "object", "kind", "name", "id", "path", "field", "before", "after", "reason", "outcome"],
    object: (object: string) => object,
    kind: (kind: string) => kind,
    field: (field: string) => field,
    yes: "yes",
    no: "no",
    reason: (reason: string) => reason,
    outcome: (outcome: string) => outcome,
  };
  await asAdmin(
    `UPDATE directory_change SET after = jsonb_set(after, '{name}', '"=1+1"') WHERE set_id = $1 AND object_id = $2`,
    [ref.runId, String(renamed)],
  );
  const read = async (query: ChangesQuery) => {
    let text = "";
    for await (const part of changesCsv(organization.reader, ref, { query, words })) text += part;
    return text;
  };
  const all = (await read({})).split("\r\n");
  expect(all[0]).toBe(`\ufeff${words.columns.join(",")}`);
  const { changes } = await world.list({ kind: "renamed", object: "department" });
  const lines = changes[0]?.fields.length ?? 0;
  const file = await read({ kind: "renamed", object: "department" });
  expect(file.split("\r\n")).toHaveLength(1 + lines + 1);
  expect(file).toContain(`,renamed,'=1+1,${renamed},`);
  expect(file).toContain(`,name,${truth.get(renamed)?.name},'=1+1,,`);
  // Each change has at least one line, up to the last change
  const stored = await asAdmin<{ n: number }>(
    `SELECT count(*)::int AS n FROM directory_change WHERE set_id = $1`,
    [ref.runId],
  );
  const numbers = new Set(all.slice(1, -1).map((line) => Number(line.split(",")[0])));
  expect(numbers).toEqual(new Set(Array.from({ length: stored[0]?.n ?? 0 }, (_, index) => index + 1)));
});
