import { describe, expect, test } from "vitest";
import type { Call } from "../call";
import { countsOf, isBillable } from "./billable";

describe("isBillable", () => {
  test.each([
    ["oapi", "gettoken"],
    ["oapi", "topapi/v2/user/get"],
    ["oapi", "topapi/v2/department/listsub"],
    ["oapi", "auth/scopes"],
    ["oapi", "user/getuserinfo"],
    ["oapi", "call_back/get_call_back_failed_result"],
    ["api", "v1.0/oauth2/accessToken"],
    ["api", "v1.0/contact/users/me"],
    ["api", "v1.0/contact/departments/search"],
  ] as const)("returns false for tokens, sign-in and the directory: %s %s", (host, path) => {
    expect(isBillable({ host, path })).toBe(false);
  });

  test.each([
    ["oapi", "topapi/message/corpconversation/asyncsend_v2"],
    ["oapi", "topapi/v2/userx"],
    ["oapi", "v1.0/oauth2/accessToken"],
    ["api", "v1.0/contact/usersets"],
    ["api", "v1.0/robot/oToMessages/batchSend"],
    ["api", "topapi/v2/user/get"],
  ] as const)("returns true for other APIs: %s %s", (host, path) => {
    expect(isBillable({ host, path })).toBe(true);
  });
});

describe("countsOf", () => {
  const call: Call = {
    organizationId: "",
    appId: "",
    keyId: null,
    atMs: 0,
    method: "POST",
    path: "topapi/message/corpconversation/asyncsend_v2",
    host: "oapi",
    outcome: "ok",
    status: 200,
    errcode: null,
    attempts: 1,
    throttles: 0,
    durationMs: 0,
    bytes: 0,
    requestId: null,
  };

  test.each([
    ["a billable call", { outcome: "ok" }, { charged: 1, free: 0, throttled: 0 }],
    [
      "a refused call",
      { outcome: "dingtalk_refused", errcode: "60011" },
      { charged: 1, free: 0, throttled: 0 },
    ],
    ["a throttled call", { outcome: "throttled", throttles: 1 }, { charged: 0, free: 0, throttled: 1 }],
    [
      "a call beyond the quota",
      { outcome: "dingtalk_refused", errcode: "90020" },
      { charged: 0, free: 0, throttled: 0 },
    ],
    ["a call that wasn't sent", { outcome: "refused", attempts: 0 }, { charged: 0, free: 0, throttled: 0 }],
  ] as const)("returns the counts of %s", (_call, change, counts) => {
    expect(countsOf({ ...call, ...change })).toEqual(counts);
  });
});
