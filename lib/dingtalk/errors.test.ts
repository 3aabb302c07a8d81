import { inspect } from "node:util";
import { describe, expect, test } from "vitest";
import { AppError } from "@/lib/errors";
import { DINGTALK_ERROR_KINDS, DINGTALK_THROTTLE_SCOPES } from "./error-kinds";
import { DingtalkError, type DingtalkErrorInit } from "./errors";

describe("DingtalkError", () => {
  test.each(DINGTALK_ERROR_KINDS)("describes %s as plain data that survives JSON", (kind) => {
    const error = new DingtalkError({
      kind,
      api: "auth/scopes",
      retryAfterMs: 1_500,
      upstream: {
        host: "oapi.dingtalk.test",
        status: 200,
        code: "88",
        subCode: "60011",
        message: "no",
        requestId: "r",
      },
    });
    expect(error).toBeInstanceOf(AppError);
    expect(JSON.parse(JSON.stringify(error))).toEqual(error.describe());
    expect(error.describe()).toMatchObject({
      kind,
      api: "auth/scopes",
      code: "88",
      subCode: "60011",
      retryAfterMs: 1_500,
    });
    expect(error.retryAfterSeconds).toBe(2);
    expect(["auto", "once", "no"]).toContain(error.retry);
  });

  test("maps failures to the error codes for limits, timeouts and other failures", () => {
    const codeOf = (kind: (typeof DINGTALK_ERROR_KINDS)[number]) =>
      new DingtalkError({ kind, api: "x", upstream: { host: "h" } }).code;
    expect([codeOf("throttled"), codeOf("quota_used_up"), codeOf("ip_banned")]).toEqual(
      Array(3).fill("rate_limited"),
    );
    expect(codeOf("timeout")).toBe("upstream_timeout");
    expect(codeOf("credentials_refused")).toBe("upstream_failed");
  });

  test("puts kind, codes and request id in the message, and no cause", () => {
    const upstream = { host: "h", status: 200, code: "88", subCode: "60011", message: "no", requestId: "r" };
    const error = new DingtalkError({ kind: "missing_permission", api: "auth/scopes", upstream });
    expect(error.message).toBe(
      "DingTalk auth/scopes: missing_permission · status 200 · code 88/60011 · no · [r]",
    );
    expect(error.cause).toBeUndefined();
    expect(inspect(error)).not.toContain("?");
  });

  test("puts advice in the message if the operator can fix the failure", () => {
    const lineOf = (init: Pick<DingtalkErrorInit, "kind" | "throttleScope">) =>
      new DingtalkError({ ...init, api: "x", upstream: { host: "h" } }).message;
    expect(lineOf({ kind: "wrong_host" })).toBe(
      "DingTalk x: wrong_host · check DINGTALK_OAPI_URL and DINGTALK_API_URL",
    );
    expect(lineOf({ kind: "host_unresolved" })).toContain("check DNS");
    expect(lineOf({ kind: "tls_failed" })).toContain("clock");
    expect(lineOf({ kind: "throttled", throttleScope: "ip_corps" })).toContain("more egress addresses");
    expect(lineOf({ kind: "throttled", throttleScope: "corp" })).toBe("DingTalk x: throttled");
    expect(
      JSON.stringify(new DingtalkError({ kind: "wrong_host", api: "x", upstream: { host: "h" } })),
    ).not.toContain("DINGTALK_");
  });

  test("lists kinds and throttle scopes without duplicates", () => {
    expect(new Set(DINGTALK_ERROR_KINDS).size).toBe(DINGTALK_ERROR_KINDS.length);
    expect(new Set(DINGTALK_THROTTLE_SCOPES).size).toBe(DINGTALK_THROTTLE_SCOPES.length);
  });
});
