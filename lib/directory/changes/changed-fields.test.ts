import { expect, test } from "vitest";
import { compareDepartments, compareMembers } from "./changed-fields";
import type { DepartmentState, MemberState } from "./stored-states";

const DEPARTMENT: DepartmentState = {
  parentId: "1",
  name: "销售",
  order: "5",
  sourceIdentifier: null,
  extra: { from_union_org: true },
  details: { dept_manager_userid_list: ["a"], hide_dept: false, brief: "x".repeat(300) },
};

const MEMBER: MemberState = {
  name: "张三",
  unionId: "u",
  title: null,
  jobNumber: null,
  isActive: true,
  isAdmin: null,
  isBoss: null,
  isExclusive: null,
  hidesMobile: null,
  otherFields: ["a"],
  personalId: "0190-secret-before",
  places: [{ departmentId: "7", title: "经理", isLeader: false, order: null }],
};

test("lists every changed field of a department, including unknown fields and details", () => {
  const after: DepartmentState = {
    parentId: "2",
    name: "市场",
    order: "6",
    sourceIdentifier: "hr-1",
    extra: {},
    details: { dept_manager_userid_list: ["a", "b"], hide_dept: true, brief: "y".repeat(300) },
  };
  const none = { departmentId: null };
  expect(compareDepartments(DEPARTMENT, after)).toEqual([
    { field: "name", before: "销售", after: "市场", ...none },
    { field: "parent", before: { departments: ["1"] }, after: { departments: ["2"] }, ...none },
    { field: "order", before: "5", after: "6", ...none },
    { field: "sourceIdentifier", before: null, after: "hr-1", ...none },
    { field: "from_union_org", before: true, after: null, ...none },
    { field: "brief", before: `${"x".repeat(200)}…`, after: `${"y".repeat(200)}…`, ...none },
    { field: "managers", before: { people: ["a"] }, after: { people: ["a", "b"] }, ...none },
    { field: "hide_dept", before: false, after: true, ...none },
  ]);
  expect(compareDepartments(DEPARTMENT, DEPARTMENT)).toEqual([]);
});

test("reports details that were read for the first time as one field", () => {
  const before = { ...DEPARTMENT, details: null, order: null };
  expect(compareDepartments(before, DEPARTMENT).map(({ field }) => field)).toEqual(["details"]);
});

test("S33 reports personal values as changed without their content, and each department's fields separately", () => {
  const after: MemberState = {
    ...MEMBER,
    isActive: false,
    otherFields: ["a", "b"],
    personalId: "0190-secret-after",
    places: [
      { departmentId: "7", title: "总监", isLeader: true, order: "9" },
      { departmentId: "8", title: "顾问", isLeader: null, order: null },
    ],
  };
  const changes = compareMembers(MEMBER, after);
  expect(changes.map(({ field, departmentId }) => [field, departmentId])).toEqual([
    ["departments", null],
    ["isActive", null],
    ["otherFields", null],
    ["personal", null],
    ["placeTitle", "7"],
    ["isLeader", "7"],
    ["placeOrder", "7"],
  ]);
  expect(JSON.stringify(changes)).not.toContain("secret");
});
