import { expect, test } from "vitest";
import { pinyinInitial } from "./pinyin-initial";

test("returns the first letter of a Han character's pinyin", () => {
  const initials = (text: string) => Array.from(text, pinyinInitial).join("");
  expect(initials("阿八擦大鹅发高哈机卡拉妈拿欧怕七人三他我西牙做")).toBe("abcdefghjklmnopqrstwxyz");
  expect(initials("销售研发财务人力资源")).toBe("xsyfcwrlzy");
});

test.each(["x", "1", "", "🚀", "の", "한", "𠮷", "销售"])(
  "returns null for %j, which has no pinyin",
  (text) => {
    expect(pinyinInitial(text)).toBeNull();
  },
);
