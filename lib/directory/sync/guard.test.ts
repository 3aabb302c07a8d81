import { describe, expect, test } from "vitest";
import { type Removals, reasonsToHold, type Thresholds } from "./guard";

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
  test("applies a plan that removes exactly as many as it may, and holds one that removes one more", () => {
    expect(reasons({ departments: 100 })).toEqual([]);
    expect(reasons({ departments: 101 })).toEqual(["departments_above"]);
    expect(reasons({ members: 1_000 })).toEqual([]);
    expect(reasons({ members: 1_001 })).toEqual(["members_above"]);
  });

  test("applies a plan that removes exactly the share that it may, and holds one that removes one more", () => {
    expect(reasons({ departments: 20, departmentsOf: 200 })).toEqual([]);
    expect(reasons({ departments: 21, departmentsOf: 200 })).toEqual(["departments_above"]);
    expect(reasons({ members: 20, membersOf: 200 })).toEqual([]);
    expect(reasons({ members: 21, membersOf: 200 })).toEqual(["members_above"]);
  });

  test("counts the share of departments among departments, and of members among members", () => {
    expect(reasons({ departments: 30, departmentsOf: 200, membersOf: 100_000 })).toEqual([
      "departments_above",
    ]);
    expect(reasons({ departments: 30, departmentsOf: 10_000, membersOf: 200 })).toEqual([]);
    expect(reasons({ members: 30, membersOf: 200, departmentsOf: 10_000 })).toEqual(["members_above"]);
    expect(reasons({ members: 30, membersOf: 100_000, departmentsOf: 200 })).toEqual([]);
  });

  test("counts the share from ten removals on, for one of three departments is a third", () => {
    expect(reasons({ departments: 9, departmentsOf: 9 })).toEqual([]);
    expect(reasons({ departments: 10, departmentsOf: 10 })).toEqual(["departments_above"]);
    expect(reasons({ departments: 10, departmentsOf: 100 })).toEqual([]);
  });

  test("holds a strange reading that removes anything, and none that removes nothing", () => {
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

  test("holds any removal where none may be made, and says the figures", () => {
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
