import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { canonicalJson, type HeldDepartment, planChanges } from "./plan";
import type { Seen } from "./reading/reading";
import { department } from "./reading/test-support/fake-directory";

const held = (departmentId: string, parentId: string | null, rest: Partial<HeldDepartment> = {}) => ({
  departmentId,
  parentId,
  name: `部门 ${departmentId}`,
  order: null,
  sourceIdentifier: null,
  extra: "{}",
  isRemoved: false,
  ...rest,
});

const seen = (...rows: ReturnType<typeof department>[]): ReadonlyMap<string, Seen> =>
  new Map(rows.map((row) => [row.departmentId, { department: row, parentId: row.parentId, details: null }]));

const heldAs = (...rows: HeldDepartment[]) => new Map(rows.map((row) => [row.departmentId, row]));

const NONE: ReadonlySet<string> = new Set();

describe("planChanges", () => {
  test("takes each department for one thing: new, back, moved, changed or the same", () => {
    const { writes, removals, counts } = planChanges(
      heldAs(
        held("1", null),
        held("2", "1"),
        held("3", "1"),
        held("4", "1", { isRemoved: true }),
        held("5", "1"),
      ),
      {
        departments: seen(
          department("1", null),
          department("2", "1", { name: "改名" }),
          department("3", "2", { name: "也改名" }),
          department("4", "1"),
          department("6", "1"),
        ),
        gone: new Set(["5"]),
      },
    );

    const kinds = writes.map(({ departmentId, kind, isRenamed }) => [departmentId, kind, isRenamed]);
    expect(kinds).toEqual([
      ["2", "changed", true],
      ["3", "moved", true],
      ["4", "returned", false],
      ["6", "added", false],
    ]);
    expect(removals).toEqual(["5"]);
    expect(counts).toEqual({ added: 2, changed: 1, moved: 1, removed: 1, unchanged: 1 });
  });

  test("does not care in which order children and parents come", () => {
    const { writes } = planChanges(new Map(), {
      departments: seen(department("3", "2"), department("2", "1"), department("1", null)),
      gone: NONE,
    });
    expect(writes.map(({ departmentId, parentId }) => [departmentId, parentId])).toEqual([
      ["3", "2"],
      ["2", "1"],
      ["1", null],
    ]);
  });

  test("removes nothing that is not said to be gone, and nothing twice, and nothing that was seen", () => {
    const departments = seen(department("1", null));
    const rows = heldAs(held("1", null), held("2", "1"), held("3", "1", { isRemoved: true }));

    expect(planChanges(rows, { departments, gone: NONE }).removals).toEqual([]);
    expect(planChanges(rows, { departments, gone: new Set(["1", "3", "9"]) }).removals).toEqual([]);
  });

  test("keeps the order that a list does not tell, and takes one that is told and another", () => {
    const rows = heldAs(held("1", null, { order: "5" }));
    const plan = (order: string | null) =>
      planChanges(rows, { departments: seen(department("1", null, { order })), gone: NONE }).writes;

    expect(plan(null)).toEqual([]);
    expect(plan("5")).toEqual([]);
    expect(plan("176318668975061512")).toMatchObject([{ kind: "changed", order: "176318668975061512" }]);
    expect(plan("99999999999999999999")).toEqual([]);
    expect(plan("1.5")).toEqual([]);
    const unordered = planChanges(heldAs(held("1", null)), {
      departments: seen(department("1", null, { order: "7" })),
      gone: NONE,
    });
    expect(unordered.writes).toEqual([]);
  });

  test("sees a change of the source identifier, of linked organizations and of fields nobody documents", () => {
    const rows = heldAs(held("1", null, { extra: '{"a":1,"from_union_org":true}' }));
    const plan = (rest: Parameters<typeof department>[2]) =>
      planChanges(rows, { departments: seen(department("1", null, rest)), gone: NONE }).writes.length;

    expect(plan({ extra: { a: 1 }, isFromUnionOrg: true })).toBe(0);
    expect(plan({ extra: { a: 1 }, isFromUnionOrg: false })).toBe(1);
    expect(plan({ extra: { a: 2 }, isFromUnionOrg: true })).toBe(1);
    expect(plan({ extra: { a: 1 }, isFromUnionOrg: true, sourceIdentifier: "HR" })).toBe(1);
  });

  test("leaves a root of the scope under the parent that we hold, while that one is held", () => {
    const departments = seen(department("2", "1"));
    const parentOf = (rows: HeldDepartment[], gone = NONE) =>
      planChanges(heldAs(...rows), { departments, gone }).writes[0]?.parentId;

    expect(planChanges(heldAs(held("1", null), held("2", "1")), { departments, gone: NONE }).writes).toEqual(
      [],
    );
    expect(parentOf([held("2", "1")])).toBeNull();
    expect(parentOf([held("1", null, { isRemoved: true }), held("2", "1")])).toBeNull();
    expect(parentOf([held("1", null), held("2", "1")], new Set(["1"]))).toBeNull();
  });

  test("puts nothing below itself by way of rows that were not seen", () => {
    const { writes } = planChanges(heldAs(held("1", null), held("2", "1"), held("3", "2")), {
      departments: seen(department("2", "3")),
      gone: NONE,
    });
    expect(writes).toMatchObject([{ departmentId: "2", parentId: null, kind: "moved" }]);
  });

  test("of what it wrote is empty", () => {
    const tree = fc.array(fc.tuple(fc.nat(30), fc.nat(30), fc.string(), fc.jsonValue({ maxDepth: 2 })));
    fc.assert(
      fc.property(tree, (rows) => {
        const departments = new Map<string, Seen>();
        for (const [id, parent, name, value] of rows) {
          const row = department(String(id + 1), parent < id ? String(parent + 1) : null, {
            name,
            extra: { value: value as string },
          });
          departments.set(row.departmentId, { department: row, parentId: row.parentId, details: null });
        }
        const first = planChanges(new Map(), { departments, gone: NONE });
        const after = first.writes.map((row) => ({
          ...row,
          extra: canonicalJson(JSON.parse(row.extra)),
          isRemoved: false,
        }));
        expect(planChanges(heldAs(...after), { departments, gone: NONE }).writes).toEqual([]);
      }),
    );
  });
});

describe("canonicalJson", () => {
  test("is one text for one value, whatever the order of its keys", () => {
    expect(canonicalJson({ b: [1, { d: null, c: "x" }], a: true })).toBe(
      canonicalJson({ a: true, b: [1, { c: "x", d: null }] }),
    );
    expect(canonicalJson(JSON.parse('{"__proto__":{"a":1}}'))).toBe('{"__proto__":{"a":1}}');
  });
});
