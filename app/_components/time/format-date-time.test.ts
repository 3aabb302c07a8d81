import { expect, test } from "vitest";
import { formatDateTime } from "./format-date-time";

const both = (at: string, zone: string) => [
  formatDateTime(at, "zh-CN", zone),
  formatDateTime(at, "en", zone),
];

test("formats a time in the given zone, in each language's form", () => {
  expect(both("2026-11-24T09:05:09.123Z", "Asia/Shanghai")).toEqual([
    "2026-11-24 17:05:09",
    "24 Nov 2026, 17:05:09",
  ]);
});

test("writes midnight as 00, and English months with three letters and days without a zero", () => {
  expect(both("2026-09-02T16:00:00Z", "Asia/Shanghai")).toEqual([
    "2026-09-03 00:00:00",
    "3 Sep 2026, 00:00:00",
  ]);
});

test("applies the daylight saving time of the formatted day, not of today", () => {
  const berlin = (at: string) => formatDateTime(at, "zh-CN", "Europe/Berlin").slice(11);
  expect([berlin("2026-03-29T00:59:59Z"), berlin("2026-03-29T01:00:00Z")]).toEqual(["01:59:59", "03:00:00"]);
  expect([berlin("2026-10-25T00:30:00Z"), berlin("2026-10-25T01:30:00Z")]).toEqual(["02:30:00", "02:30:00"]);
});
