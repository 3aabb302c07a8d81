import { describe, expect, test } from "vitest";
import { type Removals, reasonsToHold, type Thresholds } from "./removal-guard";

const THRESHOLDS: Thresholds = { departmentsRemovable: 100, membersRemovable: 1_000, percentRemovable: 10 };
const NONE: Removals = { departments: 0, departmentsOf: 10_000, members: 0, membersOf: 100_000 };

const reasons = (removals: Partial<Removals>, thresholds: Partial<Thresholds> = {}) =>
  reasonsToHold(
    {
      read: { suspicion: null, scope: { departmentIds: ["1"], userIds: [] } },
      scopeBefore: null,
      removals: { ...NONE, ...removals },
    },
    { ...THRESHOLDS, ...thresholds },
  ).map(({ kind }) => kind);

describe("the guard", () => {
  test("applies a plan at the limit of removals, and holds one above it", () => {
    expect(reasons({ departments: 100 })).toEqual([]);
    expect(reasons({ departments: 101 })).toEqual(["departments_above"]);
    expect(reasons({ members: 1_000 })).toEqual([]);
    expect(reasons({ members: 1_001 })).toEqual(["members_above"]);
  });

  test("applies a plan at the limit of the share, and holds one above it", () => {
    expect(reasons({ departments: 20, departmentsOf: 200 })).toEqual([]);
    expect(reasons({ departments: 21, departmentsOf: 200 })).toEqual(["departments_above"]);
    expect(reasons({ members: 20, membersOf: 200 })).toEqual([]);
    expect(reasons({ members: 21, membersOf: 200 })).toEqual(["members_above"]);
  });

  test("computes the shares of departments and of members separately", () => {
    expect(reasons({ departments: 30, departmentsOf: 200, membersOf: 100_000 })).toEqual([
      "departments_above",
    ]);
    expect(reasons({ departments: 30, departmentsOf: 10_000, membersOf: 200 })).toEqual([]);
    expect(reasons({ members: 30, membersOf: 200, departmentsOf: 10_000 })).toEqual(["members_above"]);
    expect(reasons({ members: 30, membersOf: 100_000, departmentsOf: 200 })).toEqual([]);
  });

  test("applies the limit of the share from ten removals on", () => {
    expect(reasons({ departments: 9, departmentsOf: 9 })).toEqual([]);
    expect(reasons({ departments: 10, departmentsOf: 10 })).toEqual(["departments_above"]);
    expect(reasons({ departments: 10, departmentsOf: 100 })).toEqual([]);
  });

  test("holds a suspicious read only when it removes something", () => {
    const strange = (removals: Removals) =>
      reasonsToHold(
        {
          read: {
            suspicion: { kind: "answer_empty", held: 5, seen: 1 },
            scope: { departmentIds: ["1"], userIds: [] },
          },
          scopeBefore: null,
          removals,
        },
        THRESHOLDS,
      ).map(({ kind }) => kind);
    expect(strange({ ...NONE, departments: 1 })).toEqual(["answer_empty"]);
    expect(strange({ ...NONE, members: 1 })).toEqual(["answer_empty"]);
    expect(strange(NONE)).toEqual([]);
  });

  test("holds any removal when the limit is zero, and returns the figures", () => {
    const [reason] = reasonsToHold(
      {
        read: { suspicion: null, scope: { departmentIds: ["1"], userIds: [] } },
        scopeBefore: null,
        removals: { ...NONE, members: 1 },
      },
      { ...THRESHOLDS, membersRemovable: 0 },
    );
    expect(reason).toEqual({
      kind: "members_above",
      removals: 1,
      of: 100_000,
      removable: 0,
      percentRemovable: 10,
    });
  });
});
