import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { chooseLocale, LOCALES } from "./locales";

describe("chooseLocale", () => {
  test.each([
    ["neither a choice nor a header", undefined, null, "en"],
    ["a choice", "zh-CN", null, "zh-CN"],
    ["a choice against the browser's list", "en", "zh-CN,zh;q=0.9", "en"],
    ["an unsupported choice", "fr", "zh-CN", "zh-CN"],
    ["a choice in another case", "ZH-cn", null, "en"],
    ["the browser's first language", undefined, "zh-CN,zh;q=0.9,en;q=0.8", "zh-CN"],
    ["the first supported language", undefined, "fr-FR,fr;q=0.9,en;q=0.5", "en"],
    ["the supported language with the highest weight", undefined, "en;q=0.3, zh;q=0.7", "zh-CN"],
    ["the first of two that weigh the same", undefined, "zh-CN,en", "zh-CN"],
    ["any Chinese", undefined, "zh-Hant-TW", "zh-CN"],
    ["any English", undefined, "en-GB", "en"],
    ["upper case", undefined, "ZH-CN", "zh-CN"],
    ["a language that is refused", undefined, "zh;q=0, en;q=0.1", "en"],
    ["only refused languages", undefined, "zh;q=0", "en"],
    ["spaces around a weight", undefined, "en ; q=0.3 , zh ; q=0.9", "zh-CN"],
    ["a weight that is no number", undefined, "zh;q=x, en;q=0.1", "en"],
    ["a language whose code only begins like a supported one", undefined, "zhx, enx", "en"],
    ["a wildcard", undefined, "*", "en"],
    ["garbage", undefined, ",;;=,q=,", "en"],
  ])("returns the best supported language for %s", (_, cookie, header, locale) => {
    expect(chooseLocale(cookie, header)).toBe(locale);
  });

  test("returns a supported language for every header", () => {
    fc.assert(
      fc.property(fc.option(fc.string(), { nil: undefined }), fc.option(fc.string()), (cookie, header) => {
        expect(LOCALES).toContain(chooseLocale(cookie, header));
      }),
    );
  });
});
