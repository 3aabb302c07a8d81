import { describe, expect, test } from "vitest";
import zh from "@/messages/zh-CN.json";
import { matchesQuery } from "./match-query";

describe("matchesQuery", () => {
  const directory = { label: zh.nav.directory, keywords: zh.palette.keywords.directory };
  test.each(["目录", "录", "mulu", "mul", "ml", "ML", " ml ", "ｍｌ", "directory"])(
    "the query %j matches",
    (typed) => {
      expect(matchesQuery(directory, typed)).toBe(true);
    },
  );

  test.each(["lu", "ulu", "x", "目录x", "令牌"])("the query %j does not match", (typed) => {
    expect(matchesQuery(directory, typed)).toBe(false);
  });

  test("matches words of the label and the detail in any order", () => {
    const entry = { label: "目录", detail: "生产通讯录", keywords: "mulu ml" };
    expect(matchesQuery(entry, "生产 ml")).toBe(true);
    expect(matchesQuery(entry, "ml 测试")).toBe(false);
  });

  test("a query matches an app by name or AppKey", () => {
    const entry = { label: "Sales Sync", detail: "dingAbc123" };
    for (const typed of ["sales", "SYNC sales", "dingabc", "abc123"])
      expect(matchesQuery(entry, typed)).toBe(true);
  });

  test("an empty query matches", () => {
    expect(matchesQuery({ label: "目录" }, "  ")).toBe(true);
  });

  test("takes typed special characters literally", () => {
    expect(matchesQuery({ label: "a.b" }, ".*")).toBe(false);
    expect(matchesQuery({ label: "1 (2)" }, "(2")).toBe(true);
  });
});

test("every Chinese entry has its pinyin and its pinyin initials as keywords", () => {
  const entries = Object.entries(zh.palette.keywords);
  expect(entries.length).toBeGreaterThan(10);
  for (const [name, keywords] of entries) {
    const [full = "", initials = ""] = keywords.split(" ");
    expect(full, name).toMatch(/^[a-z]+$/);
    expect(initials.length, name).toBeLessThan(full.length);
    expect(initials[0], name).toBe(full[0]);
  }
});
