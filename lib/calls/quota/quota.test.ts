import { describe, expect, test } from "vitest";
import { monthEndMs, monthOf, monthStartMs } from "./month";
import { type Counted, toQuota } from "./quota";

const at = (text: string) => Date.parse(text);

describe("monthOf", () => {
  test.each([
    ["2026-11-30T23:59:59.999+08:00", "2026-11"],
    ["2026-12-01T00:00:00+08:00", "2026-12"],
    ["2026-11-30T16:00:00Z", "2026-12"],
    ["2026-12-31T15:59:59Z", "2026-12"],
    ["2026-12-31T16:00:00Z", "2027-01"],
    ["2028-02-29T15:59:59Z", "2028-02"],
  ])("maps %s to %s in China's time zone", (moment, month) => {
    expect(monthOf(at(moment))).toBe(month);
    expect(monthStartMs(month)).toBeLessThanOrEqual(at(moment));
    expect(monthEndMs(month)).toBeGreaterThan(at(moment));
    expect(monthOf(monthEndMs(month))).not.toBe(month);
    expect(monthOf(monthEndMs(month) - 1)).toBe(month);
    expect(monthOf(monthStartMs(month))).toBe(month);
  });
});

describe("forecast and level of a quota", () => {
  const counted = (more: Partial<Counted> = {}): Counted => ({
    limit: 5_000,
    charged: 0,
    free: 0,
    throttled: 0,
    usedUpAt: null,
    ...more,
  });
  const noon = at("2026-11-16T00:00:00+08:00");

  test("forecasts the usage at the current rate, counting at least one day", () => {
    expect(toQuota(counted({ charged: 1_500 }), noon)).toMatchObject({ month: "2026-11", forecast: 3_000 });
    expect(toQuota(counted({ charged: 10 }), at("2026-11-01T00:10:00+08:00")).forecast).toBe(300);
    expect(toQuota(counted({ charged: 77 }), at("2026-11-30T23:59:59.999+08:00")).forecast).toBe(77);
  });

  test.each([
    [3_999, "fine"],
    [4_000, "near"],
    [4_999, "near"],
    [5_000, "over"],
  ])("a quota has at %i of 5,000 calls the level %s", (charged, level) => {
    expect(toQuota(counted({ charged }), noon).level).toBe(level);
  });

  test("stops the quota after DingTalk's report exactly until the month ends in China", () => {
    const usedUpAt = new Date(at("2026-11-20T12:00:00+08:00"));
    const end = at("2026-12-01T00:00:00+08:00");
    expect(toQuota(counted({ usedUpAt }), end - 1)).toMatchObject({ level: "stopped", usedUpAt });
    expect(toQuota(counted({ usedUpAt }), end)).toMatchObject({ level: "fine", usedUpAt: null });
  });
});
