import { expect, test } from "vitest";
import { pinyinInitial } from "./pinyin-initial";

test("a Han character has the letter that its pinyin begins with", () => {
  const initials = (text: string) => Array.from(text, pinyinInitial).join("");
  expect(initials("阿八擦大鹅发高哈机卡拉妈拿欧怕七人三他我西牙做")).toBe("abcdefghjklmnopqrstwxyz");
  expect(initials("销售研发财务人力资源")).toBe("xsyfcwrlzy");
});

test.each(["x", "1", "", "🚀", "の", "한", "𠮷", "销售"])("%j has none", (text) => {
  expect(pinyinInitial(text)).toBeNull();
});
