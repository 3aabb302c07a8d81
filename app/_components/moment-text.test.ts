import { expect, test } from "vitest";
import { momentText, zoneText } from "./moment-text";

test("a moment is written in the organization's zone, in the form of the language", () => {
  const at = "2026-11-24T09:05:09.123Z";
  expect([momentText(at, "zh-CN", "Asia/Shanghai"), momentText(at, "en", "Asia/Shanghai")]).toEqual([
    "2026-11-24 17:05:09",
    "24 Nov 2026, 17:05:09",
  ]);
});

test("the zone is named, with its distance", () => {
  expect([zoneText("zh-CN", "Asia/Shanghai"), zoneText("en", "Asia/Shanghai")]).toEqual([
    "中国标准时间 (UTC+8)",
    "China Standard Time (UTC+8)",
  ]);
});
