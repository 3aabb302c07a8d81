import { createFormatter } from "next-intl";
import { expect, test } from "vitest";
import { formatDuration, formatTimeDistance } from "./format-duration";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const formats = (["zh-CN", "en"] as const).map((locale) =>
  createFormatter({ locale, timeZone: "Asia/Shanghai" }),
);
/** Shows thin spaces as `_`. */
const drawn = (text: string) => text.replaceAll("\u2009", "_");

test.each([
  [-5, "0 ms", "0 ms"],
  [420, "420 ms", "420 ms"],
  [999.6, "1_秒", "1 s"],
  [1_000, "1_秒", "1 s"],
  [59_400, "59_秒", "59 s"],
  [59_600, "1_分_0_秒", "1 min 0 s"],
  [3 * MINUTE + 12_000, "3_分_12_秒", "3 min 12 s"],
  [HOUR - 1, "1_小时", "1 h"],
  [HOUR + 12 * MINUTE + 30_000, "1_小时_12_分", "1 h 12 min"],
  [1_234 * HOUR, "1,234_小时", "1,234 h"],
])("formatDuration formats %d ms as %s and %s", (ms, zh, en) => {
  expect(formats.map((format) => drawn(formatDuration(ms, format)))).toEqual([zh, en]);
});

test.each([
  [0, "1_秒", "1 s"],
  [59_000, "59_秒", "59 s"],
  [MINUTE, "1_分钟", "1 min"],
  [2 * MINUTE - 1_000, "1_分钟", "1 min"],
  [HOUR, "1_小时", "1 h"],
  [HOUR + 12 * MINUTE + 59_000, "1_小时_12_分", "1 h 12 min"],
  [24 * HOUR - MINUTE, "23_小时_59_分", "23 h 59 min"],
])("formatTimeDistance formats %d ms as %s and %s", (ms, zh, en) => {
  expect(formats.map((format) => drawn(formatTimeDistance(ms, format)))).toEqual([zh, en]);
});
