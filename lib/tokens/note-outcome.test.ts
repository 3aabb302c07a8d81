import { describe, expect, test } from "vitest";
import { DINGTALK_ERROR_KINDS } from "@/lib/dingtalk/error-kinds";
import { isBreaking, stateAfter } from "./note-outcome";

describe("an app's state", () => {
  test.each([
    ["verified", "failed", "degraded"],
    ["verified", "broke", "broken"],
    ["verified", "retried", "verified"],
    ["degraded", "failed", "degraded"],
    ["degraded", "worked", "verified"],
    ["degraded", "broke", "broken"],
    ["degraded", "passed", "verified"],
    ["broken", "retried", "degraded"],
    ["broken", "passed", "verified"],
  ] as const)("%s, after one that %s, is %s", (state, outcome, next) => {
    expect(stateAfter(state, outcome)).toBe(next);
  });

  test("broken is not mended by itself: another call may have broken it than the one that works", () => {
    expect(stateAfter("broken", "worked")).toBe("broken");
    expect(stateAfter("broken", "failed")).toBe("broken");
  });

  test.each(["draft", "disabled"] as const)("%s is ended by a person only", (state) => {
    for (const outcome of ["worked", "failed", "broke", "retried", "passed"] as const) {
      expect(stateAfter(state, outcome)).toBe(state);
    }
  });

  test("breaks by what a person has to mend for this one app, and by nothing else", () => {
    expect(DINGTALK_ERROR_KINDS.filter((kind) => isBreaking({ kind }))).toEqual([
      "credentials_refused",
      "client_refused",
      "organization_unauthorized",
      "corp_id_wrong",
      "corp_mismatch",
      "token_refused_again",
      "needs_authorization",
      "missing_permission",
      "ip_not_allowed",
      "app_disabled",
      "corp_disabled",
      "api_disabled",
      "suite_credentials_refused",
      "authorization_withdrawn",
    ]);
  });
});
