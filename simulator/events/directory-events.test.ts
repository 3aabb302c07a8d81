import { expect, test } from "vitest";
import type { DirectoryChangeInput } from "../control";
import { DEFAULT_APP_KEY, DEFAULT_CORP_ID } from "../start-simulator";
import { openSimulator } from "../testing/open-simulator";

/** Starts a simulator with departments 10 and 11, 11 below 10, and ann in 11 and in the root, bob only in 11. */
async function openSmall() {
  const { control } = await openSimulator({ organizations: [{ corpId: DEFAULT_CORP_ID, size: 0 }] });
  control.changeDirectory(DEFAULT_CORP_ID, [
    { op: "add_department", parentId: 1, id: 10, name: "研发" },
    { op: "add_department", parentId: 10, id: 11, name: "测试" },
    { op: "add_person", userid: "ann", name: "安", departments: [11, 1] },
    { op: "add_person", userid: "bob", name: "波", departments: [11] },
  ]);
  const [url, token, aesKey] = ["http://127.0.0.1:1/", "token", "a".repeat(43)];
  await control.subscribeEvents(DEFAULT_APP_KEY, { url, token, aesKey, isChecked: false });
  // Nothing is sent, and the events can be listed.
  control.setEventOptions(DEFAULT_APP_KEY, { delivery: "buffered" });
  return control;
}

const cases: [string, DirectoryChangeInput, [string, Record<string, unknown>][]][] = [
  [
    "a new department",
    { op: "add_department", parentId: 1, id: 12, name: "新" },
    [["org_dept_create", { deptId: [12] }]],
  ],
  [
    "a renamed department",
    { op: "rename_department", id: 10, name: "新" },
    [["org_dept_modify", { deptId: [10] }]],
  ],
  [
    "a moved department",
    { op: "move_department", id: 11, parentId: 1 },
    [["org_dept_modify", { deptId: [11] }]],
  ],
  [
    "a removed department with its people, the lowest department first",
    { op: "remove_department", id: 10, people: "leave" },
    [
      ["user_modify_org", { userId: ["ann"] }],
      ["user_leave_org", { userId: ["bob"] }],
      ["org_dept_remove", { deptId: [11, 10] }],
    ],
  ],
  [
    "a removed department whose people move up",
    { op: "remove_department", id: 11, people: "to_parent" },
    [
      ["user_modify_org", { userId: ["ann", "bob"] }],
      ["org_dept_remove", { deptId: [11] }],
    ],
  ],
  [
    "a new person who is an admin",
    { op: "add_person", userid: "eve", name: "伊", departments: [1], isAdmin: true },
    [
      ["user_add_org", { userId: ["eve"] }],
      ["org_admin_add", { userId: ["eve"] }],
    ],
  ],
  [
    "a renamed person, with the old and the new name",
    { op: "change_person", userid: "bob", name: "新" },
    [
      [
        "user_modify_org",
        { userId: ["bob"], diffInfo: { prev: { name: "波" }, curr: { name: "新" }, userid: "bob" } },
      ],
    ],
  ],
  [
    "a person in another department, without old and new departments",
    { op: "change_person", userid: "bob", departments: [10] },
    [["user_modify_org", { userId: ["bob"], diffInfo: { prev: {}, curr: {}, userid: "bob" } }]],
  ],
  [
    "a new admin, without a change of other data",
    { op: "change_person", userid: "bob", isAdmin: true },
    [["org_admin_add", { userId: ["bob"] }]],
  ],
  ["a change without a difference", { op: "change_person", userid: "bob", name: "波" }, []],
  ["a person who leaves", { op: "remove_person", userid: "bob" }, [["user_leave_org", { userId: ["bob"] }]]],
];

test.each(cases)("%s is announced by the documented events", async (_, change, expected) => {
  const control = await openSmall();
  control.changeDirectory(DEFAULT_CORP_ID, [change]);

  expect(control.listPushes().map(({ event }) => [event.eventType, event.data])).toEqual(expected);
});

test("a person who is no longer an admin, and one who becomes active, have events of their own", async () => {
  const control = await openSmall();
  control.changeDirectory(DEFAULT_CORP_ID, [
    { op: "change_person", userid: "bob", isAdmin: true, isActive: false },
    { op: "change_person", userid: "bob", isAdmin: false, isActive: true },
  ]);

  expect(control.listPushes().map(({ event }) => event.eventType)).toEqual([
    "org_admin_add",
    "user_active_org",
    "org_admin_remove",
  ]);
});

test("an event names at most 100 people", async () => {
  const control = await openSmall();
  const people = Array.from({ length: 101 }, (_, index) => `p${index}`);
  control.changeDirectory(
    DEFAULT_CORP_ID,
    people.map((userid) => ({ op: "add_person", userid, name: "员", departments: [10] })),
  );
  control.changeDirectory(DEFAULT_CORP_ID, [{ op: "remove_department", id: 10, people: "leave" }]);

  const left = control.listPushes({ eventType: "user_leave_org" }).map(({ event }) => event.data.userId);
  expect(left.map((ids) => (ids as string[]).length)).toEqual([100, 2]);
});

test("changes before an impossible one are announced", async () => {
  const control = await openSmall();
  expect(() =>
    control.changeDirectory(DEFAULT_CORP_ID, [
      { op: "rename_department", id: 10, name: "新" },
      { op: "rename_department", id: 999, name: "新" },
    ]),
  ).toThrow("no department 999");

  expect(control.listPushes()).toHaveLength(1);
});

test("churn announces its changes", async () => {
  const control = await openSmall();
  const made = control.churn(DEFAULT_CORP_ID, { count: 60 });

  const countOf = (op: string) => made.filter((change) => change.op === op).length;
  const created = control.listPushes({ eventType: "org_dept_create" });
  const joined = control.listPushes({ eventType: "user_add_org" });
  expect(countOf("add_department")).toBeGreaterThan(0);
  expect([created.length, joined.length]).toEqual([countOf("add_department"), countOf("add_person")]);
});
