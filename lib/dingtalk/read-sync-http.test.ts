import { describe, expect, test } from "vitest";
import { readEvent } from "./read-event";
import { isSyncHttp, readSyncHttp } from "./read-sync-http";

const entry = (fields: object) => ({
  gmt_create: 1_700_000_000_000,
  gmt_modified: 1_700_000_001_000,
  open_cursor: "c",
  subscribe_id: "suite_0",
  id: 9,
  corp_id: "dingcorp",
  status: 0,
  ...fields,
});

function readPush(...bizData: readonly object[]) {
  const read = readEvent(JSON.stringify({ EventType: "SYNC_HTTP_PUSH_HIGH", bizData }));
  if (!read.ok) throw new Error("the push is malformed");
  return readSyncHttp(read.value);
}

describe("SyncHTTP", () => {
  test("recognizes pushes of both priorities, and no other event", () => {
    const types = ["SYNC_HTTP_PUSH_HIGH", "SYNC_HTTP_PUSH_MEDIUM", "user_modify_org"];
    expect(types.map((type) => isSyncHttp({ type }))).toEqual([true, true, false]);
  });

  test("members and departments are named by biz_id, also when they were removed", () => {
    const user = JSON.stringify({
      syncAction: "user_modify_org",
      userid: "u1",
      isLeaderInDepts: "{1:false}",
    });
    const events = readPush(
      entry({ biz_type: 13, biz_id: "u1", biz_data: user }),
      entry({ biz_type: "13", biz_id: "u2", biz_data: '{"syncAction":"user_leave_org"}' }),
      entry({ biz_type: 14, biz_id: "7", biz_data: '{"syncAction":"org_dept_remove"}' }),
    );
    expect(events.map(({ type, userIds, departmentIds }) => [type, userIds, departmentIds])).toEqual([
      ["user_modify_org", ["u1"], []],
      ["user_leave_org", ["u2"], []],
      ["org_dept_remove", [], ["7"]],
    ]);
    expect(events[0]).toMatchObject({
      corpId: "dingcorp",
      bornAtMs: 1_700_000_001_000,
      payload: { biz_data: { isLeaderInDepts: "{1:false}" } },
    });
  });

  test("an entry without an action gets the type of its kind of data", () => {
    const types = [2, 4, 7, 13, 14, 16, 20].map(
      (biz_type) => readPush(entry({ biz_type, biz_id: "1", biz_data: "not json" }))[0]?.type,
    );
    expect(types).toEqual([
      "suite_ticket",
      "org_suite_auth",
      "org_micro_app_change",
      "user_modify_org",
      "org_dept_modify",
      "org_update",
      "biz_type_20",
    ]);
  });

  test("the deduplication key is equal for later states of one object, and different for another object", () => {
    const keyOf = (fields: object) =>
      readPush(entry({ biz_type: 13, biz_id: "u1", ...fields }))[0]?.dedupeKey;
    expect(keyOf({ gmt_modified: 1_800_000_000_000, open_cursor: "d" })).toBe(keyOf({}));
    const others = [{ biz_id: "u2" }, { biz_type: 14 }, { corp_id: "other" }, { subscribe_id: "suite_1" }];
    expect(new Set([{}, ...others].map(keyOf)).size).toBe(5);
  });

  test("entries that are no objects are left out", () => {
    const read = readEvent('{"EventType":"SYNC_HTTP_PUSH_HIGH","bizData":[1,"x",null]}');
    expect(read.ok && readSyncHttp(read.value)).toEqual([]);
  });
});
