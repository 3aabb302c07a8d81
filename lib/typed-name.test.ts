import { describe, expect, test } from "vitest";
import { isTypedName } from "./typed-name";

describe("S25 comparison of a typed name", () => {
  test.each([
    ["the same", "组织", "组织", true],
    ["the same in another Unicode form", "Caf\u00e9", "Cafe\u0301", true],
    ["the same in another Unicode form, the other way round", "Cafe\u0301", "Caf\u00e9", true],
    ["the same with spaces around it, which nobody sees", " 组织\u3000", "组织", true],
    ["another case", "acme", "Acme", false],
    ["a letter of another alphabet that looks the same", "Acme", "Аcme", false],
    ["nothing", "", "组织", false],
    [
      "the name without its invisible marks, which no keyboard has",
      "销售 gpj.exe",
      "销售 \u202egpj.exe",
      true,
    ],
    ["nothing, for a name of marks and a letter", "", "\u200ba", false],
    ["an invisible mark more", "组\u200b织", "组织", false],
  ])("compares the typed name with %s", (_, typed, shown, isRight) => {
    expect(isTypedName(typed, shown)).toBe(isRight);
  });
});
