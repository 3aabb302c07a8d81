import { expect, test } from "vitest";
import { withThinSpaces } from "./thin-space";

test.each([
  ["5分钟前", "5\u2009分钟前"],
  ["3 分 12 秒", "3\u2009分\u200912\u2009秒"],
  ["复制AppKey", "复制\u2009AppKey"],
  ["（共 1,240 个）", "（共\u20091,240\u2009个）"],
  ["中国标准时间", "中国标准时间"],
  ["3 min 12 s", "3 min 12 s"],
  ["", ""],
])("turns %j into %j", (text, wanted) => {
  expect(withThinSpaces(text)).toBe(wanted);
});
