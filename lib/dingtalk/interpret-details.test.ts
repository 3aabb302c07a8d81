import { describe, expect, test } from "vitest";
import { onApi, refused, secret } from "./test-support/answers";

describe("details of a DingtalkError", () => {
  test.each([
    ["访问ip不在白名单之中,request ip=203.0.113.7 appKey(dingabc)", "203.0.113.7", "dingabc"],
    ["access ip not in white list, request ip: 2001:db8::1 corpId(ding1)", "2001:db8::1", null],
    ["来源 203.0.113.8 被拒绝", "203.0.113.8", null],
    ["request ip=999.1.1.1", null, null],
    ["访问ip不在白名单之中", null, null],
  ])("returns the caller's address from %j, if the text has one", (sub_msg, callerIp, appKey) => {
    const error = refused({ errcode: 88, sub_code: "60020", sub_msg });
    expect(error.kind).toBe("ip_not_allowed");
    expect(error.upstream).toMatchObject({ callerIp, appKey });
  });

  test("returns the pause until the penalty of 90002 ends, in China's time", () => {
    const errmsg =
      "从 2026-01-01 07:59:58 到 2026-01-01 07:59:59 请求总次数超过了 300 次, 处罚将在 2026-01-01 08:00:07 结束.";
    expect(refused({ errcode: 90002, errmsg })).toMatchObject({
      kind: "throttled",
      throttleScope: "api",
      retryAfterMs: 7_000,
    });
  });

  test.each(["2019-02-13 20:40:05", "9999-99-99 99:99:99"])(
    "returns the minimum pause for a penalty that ends at %s",
    (time) => {
      expect(refused({ errcode: 90002, errmsg: `处罚将在 ${time} 结束` }).retryAfterMs).toBe(1_000);
    },
  );

  test.each([
    ["7", 7_000],
    ["Thu, 01 Jan 2026 00:00:09 GMT", 9_000],
    ["86400", 600_000],
    ["soon", null],
  ])("returns the pause of Retry-After: %s, at most ten minutes", (retryAfter, ms) => {
    expect(
      refused({ code: "systemBusy", message: "" }, { status: 503, retryAfter }, onApi).retryAfterMs,
    ).toBe(ms);
  });
});

describe("texts of a DingtalkError", () => {
  const spellings = [
    secret,
    encodeURIComponent(secret),
    new URLSearchParams({ "": secret }).toString().slice(1),
  ];

  test.each(spellings)("S22 removes a secret that DingTalk quotes as %s", (quoted) => {
    const everywhere = [
      refused({ errcode: quoted, errmsg: quoted, sub_code: quoted, sub_msg: quoted, request_id: quoted }),
      refused({ code: `x${quoted}`, message: quoted, requestid: quoted }, { status: 400 }, onApi),
      refused(`<html>${quoted}</html>`, { contentType: `text/html; ${quoted}` }),
      refused(
        {
          code: "Forbidden.AccessDenied.AccessTokenPermissionDenied",
          message: "",
          accessdenieddetail: { requiredScopes: [quoted] },
        },
        { status: 403 },
        onApi,
      ),
    ];
    for (const error of everywhere) {
      const shown = [
        error.message,
        error.stack,
        JSON.stringify(error),
        Object.values(error.upstream).join(),
      ].join();
      expect(shown).toContain("[redacted]");
      for (const spelling of spellings) expect(shown).not.toContain(spelling);
    }
  });

  test("leaves no half of a secret at the point of truncation", () => {
    const { upstream } = refused({ errcode: 1, errmsg: "x".repeat(995) + secret });
    expect(upstream.message).toHaveLength(1_000);
    expect(upstream.message).not.toContain(secret.slice(0, 5));
  });

  test("truncates DingTalk's message to 1,000 characters", () => {
    expect(refused({ errcode: 1, errmsg: "x".repeat(5_000) }).upstream.message).toHaveLength(1_000);
  });
});
