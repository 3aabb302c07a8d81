import { createFormatter } from "next-intl";
import { expect, test } from "vitest";
import { formatBytes } from "./format-bytes";

test.each([
  [0, "0 B"],
  [999, "999 B"],
  [1_000, "1 kB"],
  [1_234, "1.2 kB"],
  [65_536, "66 kB"],
  [2_500_000, "2.5 MB"],
  [12_345_678, "12 MB"],
])("formats %i bytes as %s in both languages", (bytes, text) => {
  for (const locale of ["en", "zh-CN"]) expect(formatBytes(bytes, createFormatter({ locale }))).toBe(text);
});
