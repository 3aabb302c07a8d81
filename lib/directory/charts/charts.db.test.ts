import { randomUUID } from "node:crypto";
import { describe, expect, test } from "vitest";
import { addApp, asAdmin, makeDirectory } from "../tree/test-support/make-directory";
import { plantMembers } from "../tree/test-support/plant";
import { readGrowth } from "./read-growth";
import { readHeadcount } from "./read-headcount";
import { readChart } from "./read-org-chart";
import type { Headcount } from "./schema";

const KILOBYTE = 1_000;
const EN = { locale: "en" };

type Scope = { readonly organizationId: string; readonly appId: string };

/** Stores member counts of departments, as a sync run does. */
const count = (
  { organizationId, appId }: Scope,
  counts: readonly (readonly [id: number, direct: number, total: number])[],
) =>
  asAdmin((client) =>
    client.query(
      `INSERT INTO department_count (organization_id, app_id, department_id, direct, total)
       SELECT $1, $2, * FROM unnest($3::bigint[], $4::int[], $5::int[])`,
      [organizationId, appId, ...[0, 1, 2].map((column) => counts.map((one) => one[column]))],
    ),
  );

const manage = ({ appId }: Scope, id: number, details: object) =>
  asAdmin((client) =>
    client.query("UPDATE department SET details = $3 WHERE app_id = $1 AND department_id = $2", [
      appId,
      id,
      JSON.stringify(details),
    ]),
  );

/** Adds change sets one hour apart, each with one more member. */
const grow = ({ organizationId, appId }: Scope, sets: number) =>
  asAdmin((client) =>
    client.query(
      `INSERT INTO change_set (organization_id, id, app_id, cause, revision, applied_at, departments, members)
       SELECT $1, gen_random_uuid(), $2, 'run', n, '2026-01-01'::timestamptz + n * interval '1 hour', 3, n
       FROM generate_series(1, $3::int) n`,
      [organizationId, appId, sets],
    ),
  );

const nodesOf = (node: Headcount): Headcount[] => [node, ...(node.children ?? []).flatMap(nodesOf)];
const depthOf = (node: Headcount): number => 1 + Math.max(0, ...(node.children ?? []).map(depthOf));

describe("readHeadcount", () => {
  test("returns a single root with its children by size, with direct and total counts of current departments", async () => {
    const made = await makeDirectory([
      { id: 1, name: "集团" },
      { id: 2, parent: 1, name: "small" },
      { id: 3, parent: 1, name: "large" },
      { id: 4, parent: 3, name: "below" },
      { id: 5, parent: 1, isRemoved: true },
    ]);
    await count(made, [
      [1, 1, 12],
      [2, 4, 4],
      [3, 2, 9],
      [4, 7, 7],
      [5, 50, 50],
    ]);
    const { path, root } = await readHeadcount(made.actor, made.appId, EN);
    expect(path).toEqual([{ id: "1", name: "集团" }]);
    const below = { id: "4", name: "below", direct: 7, total: 7, hasChildren: false };
    expect(root).toEqual({
      id: "1",
      name: "集团",
      direct: 1,
      total: 12,
      hasChildren: true,
      children: [
        { id: "3", name: "large", direct: 2, total: 9, hasChildren: true, children: [below] },
        { id: "2", name: "small", direct: 4, total: 4, hasChildren: false },
      ],
    });
    const zoomed = await readHeadcount(made.actor, made.appId, { ...EN, root: "3" });
    expect(zoomed.path.map(({ id }) => id)).toEqual(["1", "3"]);
    expect(zoomed.root.children).toEqual([below]);
    await expect(readHeadcount(made.actor, made.appId, { ...EN, root: "5" })).rejects.toMatchObject({
      code: "not_found",
    });
  });

  test("joins several roots under a nameless one, and returns an empty chart for an empty directory", async () => {
    const made = await makeDirectory([{ id: 7 }, { id: 8 }, { id: 9, parent: 8 }]);
    await count(made, [
      [8, 1, 3],
      [9, 2, 2],
    ]);
    const { path, root } = await readHeadcount(made.actor, made.appId, EN);
    expect([path, root.id, root.total, root.children?.map(({ id }) => id)]).toEqual([
      [],
      null,
      3,
      ["8", "7"],
    ]);
    const none = await makeDirectory([]);
    expect((await readHeadcount(none.actor, none.appId, EN)).root).toMatchObject({ total: 0, children: [] });
  });

  test("returns the largest of 100,000 departments in four levels and 150 kB, and counts the rest", async () => {
    const made = await makeDirectory([]);
    // Ten children each, five levels, one member each; some names have the maximum length.
    await asAdmin(async (client) => {
      await client.query(
        `INSERT INTO department (organization_id, app_id, department_id, parent_id, name, extra, first_seen_at, changed_at)
         SELECT $1, $2, n, CASE WHEN n > 1 THEN (n - 2) / 10 + 1 END,
           CASE WHEN n % 7 = 0 THEN repeat('华', 128) ELSE '华东销售中心 ' || n END, '{}', now(), now()
         FROM generate_series(1, 100000) n`,
        [made.organizationId, made.appId],
      );
    });
    const totals = Array.from({ length: 100_001 }, () => 1);
    for (let id = 100_000; id > 1; id--) {
      const parent = Math.floor((id - 2) / 10) + 1;
      totals[parent] = (totals[parent] ?? 0) + (totals[id] ?? 0);
    }
    await count(
      made,
      Array.from({ length: 100_000 }, (_, index) => [index + 1, 1, totals[index + 1] ?? 0] as const),
    );
    const headcount = await readHeadcount(made.actor, made.appId, EN);
    const bytes = Buffer.byteLength(JSON.stringify(headcount));
    expect(bytes).toBeLessThanOrEqual(150 * KILOBYTE);
    const nodes = nodesOf(headcount.root);
    expect(nodes.length).toBeGreaterThan(300);
    expect(depthOf(headcount.root)).toBeLessThanOrEqual(5);
    for (const node of nodes.filter(({ children }) => children)) {
      const told = node.children ?? [];
      const sum = told.reduce((all, { total }) => all + total, 0);
      expect(node.direct + sum + (node.rest?.people ?? 0), node.id ?? "").toBe(node.total);
      expect(told.length + (node.rest?.departments ?? 0)).toBe(10);
    }
    const deep = await readHeadcount(made.actor, made.appId, { ...EN, root: "1112" });
    expect([deep.path.length, nodesOf(deep.root).length]).toEqual([5, 11]);
    const chart = await readChart(made.actor, made.appId, EN);
    expect(chart.boxes.length).toBeLessThanOrEqual(300);
    expect(Buffer.byteLength(JSON.stringify(chart))).toBeLessThanOrEqual(150 * KILOBYTE);
  });
});

describe("readGrowth", () => {
  test("returns a point per change up to the limit, and always the first and the last", async () => {
    const few = await makeDirectory([{ id: 1 }]);
    expect(await readGrowth(few.actor, few.appId)).toEqual({ points: [] });
    await grow(few, 3);
    expect((await readGrowth(few.actor, few.appId)).points).toEqual(
      [1, 2, 3].map((n) => ({ at: `2026-01-01T0${n}:00:00.000Z`, departments: 3, members: n })),
    );
    const many = await makeDirectory([{ id: 1 }]);
    await grow(many, 9_600);
    const { points } = await readGrowth(many.actor, many.appId);
    expect(points.length).toBeGreaterThan(300);
    expect(points.length).toBeLessThanOrEqual(400);
    expect([points[0]?.members, points.at(-1)?.members]).toEqual([1, 9_600]);
    expect(points.map(({ members }) => members)).toEqual(
      points.map(({ members }) => members).sort((a, b) => a - b),
    );
  });
});

describe("readChart", () => {
  test("names managers, shows unknown ones by id, and counts the others", async () => {
    const made = await makeDirectory([
      { id: 1, name: "集团" },
      { id: 3, parent: 1, name: "b", order: 2n },
      { id: 2, parent: 1, name: "a", order: 1n },
    ]);
    await asAdmin((client) =>
      plantMembers(client, made, [
        { id: "u1", name: "张三" },
        { id: "u2", name: "李四" },
        { id: "u3", name: "gone", isRemoved: true },
      ]),
    );
    await manage(made, 2, { dept_manager_userid_list: ["u2", "u1", "u3", "u9", "u8"] });
    await manage(made, 3, { dept_manager_userid_list: "u1" });
    const { path, boxes } = await readChart(made.actor, made.appId, EN);
    expect(path).toEqual([{ id: "1", name: "集团" }]);
    expect(
      boxes.map(({ id, parentId, managers, managerCount, childCount }) => [
        id,
        parentId,
        managers,
        managerCount,
        childCount,
      ]),
    ).toEqual([
      ["1", null, [], 0, 2],
      ["2", "1", ["李四", "张三", "u3"], 5, 0],
      ["3", "1", [], 0, 0],
    ]);
  });

  test("returns at most 300 boxes: the root's first children, and other departments with all children or none", async () => {
    const wide = Array.from({ length: 400 }, (_, index) => ({
      id: 10 + index,
      parent: 1,
      order: BigInt(index),
    }));
    const one = await makeDirectory([{ id: 1 }, ...wide]);
    const { boxes } = await readChart(one.actor, one.appId, EN);
    expect([boxes.length, boxes[0]?.childCount, boxes[1]?.id]).toEqual([300, 400, "10"]);
    const two = await makeDirectory(
      [{ id: 1 }, { id: 2, parent: 1 }, { id: 3, parent: 1 }].concat(
        Array.from({ length: 299 }, (_, index) => ({ id: 10 + index, parent: 2 })),
        [{ id: 5, parent: 3 }],
      ),
    );
    expect((await readChart(two.actor, two.appId, EN)).boxes.map(({ id }) => id)).toEqual([
      "1",
      "2",
      "3",
      "5",
    ]);
  });
});

test("S15 never shows another organization's or another app's charts", async () => {
  const theirs = await makeDirectory([
    { id: 1, name: "theirs" },
    { id: 4, parent: 1 },
  ]);
  await Promise.all([count(theirs, [[1, 9, 9]]), grow(theirs, 5)]);
  const mine = await makeDirectory([
    { id: 1, name: "mine" },
    { id: 3, parent: 1 },
  ]);
  const second = await addApp(mine.organizationId, [
    { id: 1, name: "second" },
    { id: 5, parent: 1 },
  ]);
  await count({ organizationId: mine.organizationId, appId: second }, [[1, 7, 7]]);
  await manage(mine, 1, { dept_manager_userid_list: ["u1"] });
  await asAdmin(async (client) => {
    await plantMembers(client, theirs, [{ id: "u1", name: "their manager" }]);
    await plantMembers(client, { ...mine, appId: second }, [{ id: "u1", name: "the other app's manager" }]);
  });
  const notFound = { code: "not_found" };
  for (const appId of [theirs.appId, randomUUID(), "no-id"]) {
    await expect(readGrowth(mine.actor, appId)).rejects.toMatchObject(notFound);
    for (const root of [undefined, "1"]) {
      await expect(readHeadcount(mine.actor, appId, { ...EN, root })).rejects.toMatchObject(notFound);
      await expect(readChart(mine.actor, appId, { ...EN, root })).rejects.toMatchObject(notFound);
    }
  }
  const { root } = await readHeadcount(mine.actor, mine.appId, EN);
  expect(nodesOf(root).map(({ name, total }) => [name, total])).toEqual([
    ["mine", 0],
    ["部门 3", 0],
  ]);
  const { boxes } = await readChart(mine.actor, mine.appId, EN);
  expect(boxes.map(({ id, managers }) => [id, managers])).toEqual([
    ["1", ["u1"]],
    ["3", []],
  ]);
  expect((await readGrowth(mine.actor, mine.appId)).points).toEqual([]);
});
