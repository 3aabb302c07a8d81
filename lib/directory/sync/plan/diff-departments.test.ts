import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { canonicalJson } from "../../canonical-json";
import type { RemovalReason } from "../../changes/change-kinds";
import type { StoredDepartment } from "../directory-store";
import { type ReadDepartment, toReadDepartment } from "../read/department-tree";
import { department } from "../read/test-support/fake-directory";
import { diffDepartments, stateText } from "./diff-departments";

const stored = (departmentId: string, parentId: string | null, rest: Partial<StoredDepartment> = {}) => ({
  departmentId,
  parentId,
  name: `部门 ${departmentId}`,
  order: null,
  sourceIdentifier: null,
  extra: "{}",
  details: null,
  isRemoved: false,
  isKept: false,
  sinceRevision: 1,
  detailsAtMs: null,
  ...rest,
});

const seen = (...rows: ReturnType<typeof department>[]): ReadonlyMap<string, ReadDepartment> =>
  new Map(rows.map((row) => [row.departmentId, toReadDepartment(row, row.parentId)]));

const storedAs = (...rows: StoredDepartment[]) => new Map(rows.map((row) => [row.departmentId, row]));

const NONE: ReadonlyMap<string, RemovalReason> = new Map();
const gone = (...ids: string[]) => new Map(ids.map((id) => [id, "gone" as const]));

const planOf = (rows: ReadonlyMap<string, StoredDepartment>, read: Parameters<typeof diffDepartments>[1]) => {
  const { changes, counts } = diffDepartments(rows, read);
  return {
    writes: changes.flatMap(({ kind, after }) => (after ? [{ ...after, kind }] : [])),
    removals: changes
      .filter(({ kind }) => kind === "removed")
      .map(({ departmentId, outcome }) => [departmentId, outcome]),
    counts,
  };
};

describe("diffDepartments", () => {
  test("keeps a stored field that the whole tree in one answer omits", () => {
    const rows = storedAs(
      stored("1", null, { extra: '{"from_union_org":true,"x":{"since":2026}}' }),
      stored("2", "1", { extra: '{"auto_add_user":true,"x":1}' }),
    );
    const departments = seen(
      department("1", null),
      department("2", "1", { extra: { auto_add_user: false } }),
      department("3", "1", { extra: { auto_add_user: false } }),
    );
    const extras = (isBrief: boolean) =>
      planOf(rows, { departments, removals: NONE, isBrief }).writes.map(({ extra }) => extra);

    expect(extras(true)).toEqual([
      '{"x":{"since":2026}}',
      '{"auto_add_user":false,"x":1}',
      '{"auto_add_user":false}',
    ]);
    expect(extras(false)).toEqual(["{}", '{"auto_add_user":false}', '{"auto_add_user":false}']);
    const again = seen(department("2", "1", { extra: { auto_add_user: true } }));
    expect(planOf(rows, { departments: again, removals: NONE, isBrief: true }).writes).toEqual([]);
  });

  test("classifies each department as added, returned, moved, renamed, changed or unchanged", () => {
    const { writes, removals, counts } = planOf(
      storedAs(
        stored("1", null),
        stored("2", "1"),
        stored("3", "1"),
        stored("4", "1", { isRemoved: true }),
        stored("5", "1"),
        stored("7", "1", { extra: '{"a":1}' }),
      ),
      {
        departments: seen(
          department("1", null),
          department("2", "1", { name: "改名" }),
          department("3", "2", { name: "也改名" }),
          department("4", "1"),
          department("6", "1"),
          department("7", "1"),
        ),
        removals: gone("5"),
      },
    );

    expect(writes.map(({ departmentId, kind }) => [departmentId, kind])).toEqual([
      ["2", "renamed"],
      ["3", "moved"],
      ["4", "returned"],
      ["6", "added"],
      ["7", "changed"],
    ]);
    expect(removals).toEqual([["5", null]]);
    expect(counts).toEqual({ added: 2, changed: 2, moved: 1, removed: 1, unchanged: 1 });
  });

  test("gives the same result for any order of children and parents", () => {
    const { writes } = planOf(new Map(), {
      departments: seen(department("3", "2"), department("2", "1"), department("1", null)),
      removals: NONE,
    });
    expect(writes.map(({ departmentId, parentId }) => [departmentId, parentId])).toEqual([
      ["3", "2"],
      ["2", "1"],
      ["1", null],
    ]);
  });

  test("removes only listed removals, none twice and none that was read", () => {
    const departments = seen(department("1", null));
    const rows = storedAs(stored("1", null), stored("2", "1"), stored("3", "1", { isRemoved: true }));

    expect(diffDepartments(rows, { departments, removals: NONE }).changes).toEqual([]);
    expect(planOf(rows, { departments, removals: gone("1", "3", "9") }).removals).toEqual([]);
  });

  test("lists a department kept by a person, without removing it", () => {
    const rows = storedAs(stored("1", null), stored("2", "1", { isKept: true }), stored("3", "1"));
    const { removals, counts } = planOf(rows, {
      departments: seen(department("1", null)),
      removals: gone("2", "3"),
    });
    expect(removals).toEqual([
      ["2", "kept"],
      ["3", null],
    ]);
    expect(counts.removed).toBe(1);
  });

  test("keeps the stored order when a list has none, and takes a different one", () => {
    const rows = storedAs(stored("1", null, { order: "5" }));
    const plan = (order: string | null) =>
      planOf(rows, { departments: seen(department("1", null, { order })), removals: NONE }).writes;

    expect(plan(null)).toEqual([]);
    expect(plan("5")).toEqual([]);
    expect(plan("176318668975061512")).toMatchObject([{ kind: "changed", order: "176318668975061512" }]);
    expect(plan("99999999999999999999")).toEqual([]);
    expect(plan("9999999999999999999"), "more than eight bytes").toEqual([]);
    expect(plan("1.5")).toEqual([]);
    const unordered = planOf(storedAs(stored("1", null)), {
      departments: seen(department("1", null, { order: "7" })),
      removals: NONE,
    });
    expect(unordered.writes).toMatchObject([{ kind: "changed", order: "7" }]);
  });

  test("keeps the stored details when a list has none, and takes new ones", () => {
    const details = '{"dept_manager":["a"]}';
    const plan = (before: string | null, told: string | null) => {
      const row = { ...toReadDepartment(department("1", null, { name: "改名" }), null), details: told };
      const rows = storedAs(stored("1", null, { name: "改名", details: before }));
      return planOf(rows, { departments: new Map([["1", row]]), removals: NONE }).writes;
    };

    expect(plan(details, null)).toEqual([]);
    expect(plan(null, details)).toMatchObject([{ kind: "changed", details }]);
    expect(plan(details, "{}")).toMatchObject([{ kind: "changed", details: "{}" }]);
    const renamed = planOf(storedAs(stored("1", null, { details })), {
      departments: seen(department("1", null, { name: "改名" })),
      removals: NONE,
    });
    expect(renamed.writes).toMatchObject([{ kind: "renamed", details }]);
  });

  test("reports changes of the source identifier, of linked organizations and of undocumented fields", () => {
    const rows = storedAs(stored("1", null, { extra: '{"a":1,"from_union_org":true}' }));
    const plan = (rest: Parameters<typeof department>[2]) =>
      planOf(rows, { departments: seen(department("1", null, rest)), removals: NONE }).writes.length;

    expect(plan({ extra: { a: 1 }, isFromUnionOrg: true })).toBe(0);
    expect(plan({ extra: { a: 1 }, isFromUnionOrg: false })).toBe(1);
    expect(plan({ extra: { a: 2 }, isFromUnionOrg: true })).toBe(1);
    expect(plan({ extra: {}, isFromUnionOrg: true }), "a field that is gone").toBe(1);
    expect(plan({ extra: { a: 1 }, isFromUnionOrg: true, sourceIdentifier: "HR" })).toBe(1);
  });

  test("keeps a scope root under its stored parent, removed or not", () => {
    const departments = seen(department("2", "1"));
    const parentOf = (rows: StoredDepartment[], removals = NONE) =>
      planOf(storedAs(...rows), { departments, removals }).writes[0]?.parentId;

    expect(
      planOf(storedAs(stored("1", null), stored("2", "1")), { departments, removals: NONE }).writes,
    ).toEqual([]);
    expect(parentOf([stored("2", "1")])).toBeNull();
    expect(parentOf([stored("1", null, { isRemoved: true }), stored("2", null)])).toBe("1");
    expect(parentOf([stored("1", null), stored("2", null)], gone("1"))).toBe("1");
  });

  test("puts no department below itself through unread rows", () => {
    const { writes } = planOf(storedAs(stored("1", null), stored("2", "1"), stored("3", "2")), {
      departments: seen(department("2", "3")),
      removals: NONE,
    });
    expect(writes).toMatchObject([{ departmentId: "2", parentId: null, kind: "moved" }]);
  });

  test("keeps a parent whose ancestors form a cycle", () => {
    const rows = storedAs(stored("2", "3"), stored("3", "4"), stored("4", "3"));
    const { writes } = planOf(rows, { departments: seen(department("2", "3")), removals: NONE });
    expect(writes).toEqual([]);
  });

  test("keeps a parent whose own parent is unknown", () => {
    const { writes } = planOf(storedAs(stored("2", "3"), stored("3", "9")), {
      departments: seen(department("2", "3")),
      removals: NONE,
    });
    expect(writes).toEqual([]);
  });

  test("finds no change after its own plan was applied", () => {
    const tree = fc.array(fc.tuple(fc.nat(30), fc.nat(30), fc.string(), fc.jsonValue({ maxDepth: 2 })));
    fc.assert(
      fc.property(tree, (rows) => {
        const departments = new Map<string, ReadDepartment>();
        for (const [id, parent, name, value] of rows) {
          const row = department(String(id + 1), parent < id ? String(parent + 1) : null, {
            name,
            extra: { value: value as string },
          });
          departments.set(row.departmentId, toReadDepartment(row, row.parentId));
        }
        const first = planOf(new Map(), { departments, removals: NONE });
        const after = first.writes.map((row) =>
          stored(row.departmentId, row.parentId, { ...row, extra: canonicalJson(JSON.parse(row.extra)) }),
        );
        expect(planOf(storedAs(...after), { departments, removals: NONE }).writes).toEqual([]);
      }),
    );
  });
});

test("stateText contains all fields of a department", () => {
  const row = { departmentId: "2", parentId: "1", name: '人"事', order: "5", sourceIdentifier: null };
  const state = { parentId: "1", name: '人"事', order: "5", sourceIdentifier: null, extra: { a: 1 } };
  const textOf = (details: string | null) => JSON.parse(stateText({ ...row, extra: '{"a":1}', details }));
  expect(textOf('{"x":1}')).toEqual({ ...state, details: { x: 1 } });
  expect(textOf(null)).toEqual({ ...state, details: null });
});

describe("canonicalJson", () => {
  test("returns the same text of a value for any order of keys", () => {
    expect(canonicalJson({ b: [1, { d: null, c: "x" }], a: true })).toBe(
      canonicalJson({ a: true, b: [1, { c: "x", d: null }] }),
    );
    expect(canonicalJson(JSON.parse('{"__proto__":{"a":1}}'))).toBe('{"__proto__":{"a":1}}');
  });
});
