import { expect, test } from "vitest";
import { formatDateTime } from "./format-date-time";

const both = (at: string, zone: string) => [
  formatDateTime(at, "zh-CN", zone),
  formatDateTime(at, "en", zone),
];

test("a moment is written in the organization's zone, in the form of the language", () => {
  expect(both("2026-11-24T09:05:09.123Z", "Asia/Shanghai")).toEqual([
    "2026-11-24 17:05:09",
    "24 Nov 2026, 17:05:09",
  ]);
});

test("midnight is 00, months have three letters and days no zero in English", () => {
  expect(both("2026-09-02T16:00:00Z", "Asia/Shanghai")).toEqual([
    "2026-09-03 00:00:00",
    "3 Sep 2026, 00:00:00",
  ]);
});

test("summer time counts on the day of the moment, not on today", () => {
  const berlin = (at: string) => formatDateTime(at, "zh-CN", "Europe/Berlin").slice(11);
  expect([berlin("2026-03-29T00:59:59Z"), berlin("2026-03-29T01:00:00Z")]).toEqual(["01:59:59", "03:00:00"]);
  expect([berlin("2026-10-25T00:30:00Z"), berlin("2026-10-25T01:30:00Z")]).toEqual(["02:30:00", "02:30:00"]);
});
