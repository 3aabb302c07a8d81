import { globSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { ADVISORY_LOCKS } from "./advisory-locks";

test("no two uses of advisory locks share a number", () => {
  const numbers = Object.values(ADVISORY_LOCKS);
  expect(new Set(numbers).size).toBe(numbers.length);
});

test("every statement that takes an advisory lock by number takes it from the one list", () => {
  const takers = globSync("{lib,server,scripts}/**/*.ts", { exclude: (path) => path.endsWith(".test.ts") })
    .map((path) => ({ path, text: readFileSync(path, "utf8") }))
    .filter(({ text }) => /pg_(?:try_)?advisory_(?:xact_)?lock\((?!hashtext)/.test(text));
  expect(takers.length).toBeGreaterThan(0);
  expect(takers.filter(({ text }) => !text.includes("ADVISORY_LOCKS.")).map(({ path }) => path)).toEqual([]);
});
