import { describe, expect, test } from "vitest";
import { DINGTALK_ERROR_KINDS, type DingtalkErrorKind } from "./error-kinds";
import { DingtalkError } from "./errors";
import { waitBeforeRepeatMs } from "./retry-policy";

const errorOf = (kind: DingtalkErrorKind, retryAfterMs: number | null = null) =>
  new DingtalkError({ kind, api: "x", upstream: { host: "h" }, retryAfterMs });
const waits = (error: DingtalkError, random: number) =>
  [1, 2, 3, 4, 5].map((tries) => waitBeforeRepeatMs(error, { tries, random }));

describe("waitBeforeRepeatMs", () => {
  test.each(["temporary_fault", "unreachable", "timeout", "host_unresolved", "not_dingtalk"] as const)(
    "allows three tries for %s, with full jitter under a doubling bound",
    (kind) => {
      expect(waits(errorOf(kind), 1)).toEqual([500, 1_000, null, null, null]);
      expect(waits(errorOf(kind), 0)).toEqual([0, 0, null, null, null]);
    },
  );

  test("allows five tries for a throttle, after at least 1, 2, 4 and 8 seconds", () => {
    expect(waits(errorOf("throttled", 1_000), 0)).toEqual([1_000, 2_000, 4_000, 8_000, null]);
    expect(waits(errorOf("throttled", 1_000), 1)).toEqual([1_250, 2_500, 5_000, 10_000, null]);
  });

  test("returns at least the pause that DingTalk asks for", () => {
    expect(waits(errorOf("throttled", 7_000), 0).slice(0, 4)).toEqual([7_000, 7_000, 7_000, 8_000]);
    expect(waits(errorOf("temporary_fault", 3_000), 0).slice(0, 2)).toEqual([3_000, 3_000]);
  });

  test("allows one repeat for department_members_unreadable", () => {
    expect(waits(errorOf("department_members_unreadable"), 1)).toEqual([500, null, null, null, null]);
  });

  test("allows no repeat after any other kind of failure", () => {
    const repeated = DINGTALK_ERROR_KINDS.filter((kind) => waits(errorOf(kind), 1)[0] !== null);
    expect(repeated).toEqual([
      "department_members_unreadable",
      "throttled",
      "temporary_fault",
      "host_unresolved",
      "unreachable",
      "timeout",
      "not_dingtalk",
    ]);
  });
});
