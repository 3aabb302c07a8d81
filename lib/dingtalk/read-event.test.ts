import { describe, expect, test } from "vitest";
import { readEvent, topicOf } from "./read-event";

const read = (payload: object | string, envelope = {}) => {
  const event = readEvent(typeof payload === "string" ? payload : JSON.stringify(payload), envelope);
  if (!event.ok) throw new Error(event.error);
  return event.value;
};

describe("readEvent", () => {
  test("reads the shape of the current documentation", () => {
    const event = read({
      EventType: "user_modify_org",
      EventTime: 1663143335567,
      CorpId: "dingcorp",
      BizId: "biz",
      eventId: "e1",
      timeStamp: "1608017258073",
      userId: ["an", "bo", "an"],
      diffInfo: { prev: {}, curr: {}, userid: "an" },
    });
    expect(event).toMatchObject({
      type: "user_modify_org",
      corpId: "dingcorp",
      dedupeKey: "e1",
      bornAtMs: 1663143335567,
      departmentIds: [],
      userIds: ["an", "bo"],
    });
    expect(event.payload.diffInfo).toMatchObject({ userid: "an" });
  });

  test("reads the older shape, whose deliveries have one key", () => {
    const payload = {
      CorpId: "dingcorp",
      EventType: "user_add_org",
      UserId: ["an"],
      TimeStamp: "1608017258073",
    };
    const event = read(payload);
    expect(event).toMatchObject({ corpId: "dingcorp", bornAtMs: 1608017258073, userIds: ["an"] });
    expect(event.dedupeKey).toMatch(/^[\w-]{43}$/);
    expect(read({ ...payload, OptStaffId: "bo" }).dedupeKey).toBe(event.dedupeKey);
    for (const other of [
      { ...payload, TimeStamp: "1608017258074" },
      { ...payload, UserId: ["bo"] },
      { ...payload, CorpId: "dingother" },
      { ...payload, EventType: "user_leave_org" },
    ])
      expect(read(other).dedupeKey).not.toBe(event.dedupeKey);
  });

  test("an event without an id and a time has no deduplication key, because a later one would look equal", () => {
    expect(read({ EventType: "org_change", CorpId: "dingcorp" }).dedupeKey).toBeNull();
  });

  test("reads a frame of Stream mode, whose envelope is in its headers", () => {
    const envelope = { type: "org_dept_create", eventId: "e2", corpId: "dingcorp", bornAt: "1700000000000" };
    expect(read({ deptId: [7] }, envelope)).toMatchObject({
      type: "org_dept_create",
      corpId: "dingcorp",
      dedupeKey: "e2",
      bornAtMs: 1700000000000,
      departmentIds: ["7"],
    });
  });

  test.each([
    ["a list of numbers", { deptId: [1, 23] }, ["1", "23"]],
    ["one number", { deptId: 23 }, ["23"]],
    ["text", { DeptId: "23" }, ["23"]],
    ["an id beyond 2^53", '{"EventType":"x","deptid":[9007199254740993]}', ["9007199254740993"]],
    ["special departments of schools", { deptId: [-7, 0, 5] }, ["5"]],
    ["something else", { deptId: [{}, null, "a", true] }, []],
  ])("reads department ids from %s", (_, ids, expected) => {
    const message = typeof ids === "string" ? ids : { EventType: "x", ...ids };
    expect(read(message).departmentIds).toEqual(expected);
  });

  test.each([
    [1608017258073, 1608017258073],
    ["1608017258", 1608017258000],
    ["soon", null],
    [0, null],
    [-5, null],
    ["99999999999999999999", null],
  ])("reads the time %j as %j", (timeStamp, expected) => {
    expect(read({ EventType: "x", timeStamp }).bornAtMs).toBe(expected);
  });

  test.each([
    ["", "syntax"],
    ["[1]", "syntax"],
    ['"text"', "syntax"],
    ["{}", "type"],
    ['{"EventType":""}', "type"],
    ['{"EventType":["x"]}', "type"],
  ] as const)("refuses %j as %s", (message, error) => {
    expect(readEvent(message)).toEqual({ ok: false, error });
  });
});

test.each([
  ["check_url", "check"],
  ["org_dept_modify", "department"],
  ["user_leave_org", "member"],
  ["org_admin_add", "admin"],
  ["org_change", "organization"],
  ["label_conf_del", "label"],
  ["suite_ticket", "suite_ticket"],
  ["suite_relieve", "authorization"],
  ["bpms_task_change", "other"],
  ["constructor", "other"],
])("topicOf(%j) is %s", (type, topic) => {
  expect(topicOf(type)).toBe(topic);
});
