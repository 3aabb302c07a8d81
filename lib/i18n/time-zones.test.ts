import { describe, expect, test } from "vitest";
import { canonicalTimeZone, DEFAULT_TIME_ZONE, describeTimeZone, timeZones } from "./time-zones";

const AT = new Date("2026-11-24T09:05:09Z");

describe("describeTimeZone", () => {
  test.each([
    ["zh-CN", "Asia/Shanghai", "中国标准时间 (UTC+8)"],
    ["en", "Asia/Shanghai", "China Standard Time (UTC+8)"],
    ["en", "Asia/Kolkata", "India Standard Time (UTC+5:30)"],
    ["zh-CN", "Europe/Berlin", "中欧时间 (UTC+1/+2)"],
    ["en", "Europe/Berlin", "Central European Time (UTC+1/+2)"],
    ["en", "America/New_York", "Eastern Time (UTC-5/-4)"],
    ["en", "America/St_Johns", "Newfoundland Time (UTC-3:30/-2:30)"],
    ["en", "UTC", "Coordinated Universal Time (UTC+0)"],
  ])("describes in %s the zone %s as %s", (locale, zone, text) => {
    expect(describeTimeZone(locale, zone, AT).text).toBe(text);
  });

  test("describes a zone with the same name in summer and winter", () => {
    const summer = new Date("2026-07-01T00:00:00Z");
    expect(describeTimeZone("en", "Europe/London", summer)).toEqual(
      describeTimeZone("en", "Europe/London", AT),
    );
  });

  test("describes every zone by a name", () => {
    const nameless = timeZones().filter((zone) => /^\(| \(UTC\)/.test(describeTimeZone("en", zone, AT).text));
    expect(nameless).toEqual([]);
  });
});

describe("canonicalTimeZone", () => {
  test.each([
    ["as it is listed", DEFAULT_TIME_ZONE, "Asia/Shanghai"],
    ["by the world's own time", "UTC", "UTC"],
    ["in another case", "asia/shanghai", "Asia/Shanghai"],
  ])("accepts the zone %s", (_, name, wanted) => {
    expect(canonicalTimeZone(name)).toBe(wanted);
  });

  test("returns one zone for both names of a place", () => {
    expect(canonicalTimeZone("Asia/Kolkata")).toBe(canonicalTimeZone("Asia/Calcutta"));
    expect(canonicalTimeZone("Asia/Kolkata")).not.toBeNull();
  });

  test.each(["", "Mars/Olympus", "+08:00", "Asia/Shanghai'; --", "\u0000", "x".repeat(10_000)])(
    "returns no zone for %j",
    (name) => {
      expect(canonicalTimeZone(name)).toBeNull();
    },
  );
});
