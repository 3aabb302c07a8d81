import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { normalize, normalizePinyin } from "./normalize-text";
import { isPlain, TERM_CHARACTERS_MAX, termsOf, UNSURE } from "./search-terms";

const department = (name: string) => termsOf({ name, isPerson: false });
const person = (name: string, ...also: string[]) => termsOf({ name, isPerson: true, also });
const all = ({ first, inside }: ReturnType<typeof termsOf>) => [...first, ...inside];

describe("search terms", () => {
  test("terms find a name from each of its characters, each syllable of its pinyin and each initial", () => {
    const { first, inside } = department("华东销售部");
    expect([...first]).toEqual(["华东销售部", "huadongxiaoshoubu", "hdxsb"]);
    const inOrder = "bu dongxiaoshoubu dxsb sb shoubu xiaoshoubu xsb 东销售部 售部 部 销售部";
    expect([...inside].sort().join(" ")).toBe(inOrder);
  });

  test.each([
    ["单雄信", "shanxiongxin"],
    ["单雄信", "danxiongxin"],
    ["曾庆红", "zengqinghong"],
    ["仇和", "qiuhe"],
    ["任乐", "renle"],
    ["任乐", "renyue"],
    ["吕布", "lvbu"],
  ])("terms find %s as %s", (name, read) => {
    expect([...person(name).first]).toContain(read);
  });

  test.each([
    ["重庆分公司", "chongqingfengongsi"],
    ["银行部", "yinhangbu"],
    ["行政部", "xingzhengbu"],
    ["会计科", "kuaijike"],
    ["华东IT部 2", "huadongitbu2"],
    ["华东IT部 2", "hditb2"],
    ["销售（北京）", "xiaoshoubeijing"],
    ["🚀火箭", "huojian"],
    ["𠮷野家", "yejia"],
  ])("terms find %s as %s", (name, read) => {
    expect(all(department(name))).toContain(read);
  });

  test("terms find a name by its further texts as a whole, in any case", () => {
    const { first, inside } = person("王伟", "Manager4220", "J-007");
    expect([...first]).toEqual(expect.arrayContaining(["manager4220", "j-007"]));
    expect([...inside].filter((term) => term.includes("4220"))).toEqual([]);
  });
});

test("bounds the terms of any name, and normalizes them like search texts", () => {
  const units = fc.constantFrom(...Array.from("华重长单乐 aZ９（👩‍👩‍👧\u202Eİßﬁ\n\0'"));
  fc.assert(
    fc.property(fc.string({ unit: units, maxLength: 300 }), fc.boolean(), (name, isPerson) => {
      const terms = all(termsOf({ name, isPerson }));
      expect(terms.length).toBeLessThanOrEqual(64 * 9 + 1);
      for (const term of terms) {
        expect(Array.from(term).length).toBeLessThanOrEqual(TERM_CHARACTERS_MAX);
        expect(term).not.toMatch(/[\n\0]/);
        if (term !== UNSURE) expect(term.trimStart()).toBe(term);
      }
    }),
  );
});

test("a name is found by each of its parts, or marked as unsure", () => {
  for (const name of ["华东（IT）部", "가나", "カﾅ・ー々〇", "O'Neil & Co. 2…", "字".repeat(64)])
    expect(all(department(name)), name).not.toContain(UNSURE);
  for (const name of ["e\u0301", "かﾞ", "𠮷🚀", "ΑΣ", "İ", "\u212a", "é", "a\tb", "〪", "ㄱㅏ", "字".repeat(65)])
    expect(all(department(name)), name).toContain(UNSURE);
  const unit = fc.constantFrom(...Array.from("华Aa Ｚ（ｶガ豈가…'\u3000㌀"));
  fc.assert(
    fc.property(fc.array(unit, { minLength: 1, maxLength: 16 }), fc.nat(), fc.nat(), (name, a, b) => {
      expect(isPlain(name.join(""))).toBe(true);
      const start = a % name.length;
      const part = normalize(name.slice(start, start + 1 + b).join(""));
      if (part === "") return;
      expect(all(department(name.join(""))).some((term) => term.startsWith(part.slice(0, 32)))).toBe(true);
    }),
  );
});

test("every typed part of a name is a prefix of one of its terms", () => {
  fc.assert(
    fc.property(
      fc.string({ unit: "grapheme", minLength: 1, maxLength: 40 }),
      fc.nat(),
      fc.nat(),
      (name, a, b) => {
        const characters = Array.from(name);
        const start = a % characters.length;
        const typed = normalize(characters.slice(start, start + 1 + (b % 10)).join(""));
        // A combining mark joins the preceding character, so it isn't searched alone
        if (typed === "" || !normalize(name).includes(typed)) return;
        expect(all(department(name)).some((term) => term.startsWith(typed))).toBe(true);
      },
    ),
  );
});

test.each([
  ["　Ｓａｌｅｓ　部 ", "sales 部"],
  ["a\u200Bb\u202Ec", "abc"],
  ["\n", ""],
])("normalizes %j to %j", (text, form) => expect(normalize(text)).toBe(form));

test.each([
  ["xiao'shou", "xiaoshou"],
  ["xi an", "xian"],
  ["LÜ", "lv"],
  ["'", ""],
])("normalizes %j in pinyin to %j", (text, form) => expect(normalizePinyin(text)).toBe(form));
