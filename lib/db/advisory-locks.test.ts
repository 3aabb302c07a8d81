import { globSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { ADVISORY_LOCKS } from "./advisory-locks";

test("every advisory lock has its own number", () => {
  const numbers = Object.values(ADVISORY_LOCKS);
  expect(new Set(numbers).size).toBe(numbers.length);
});

test("every numbered advisory lock in SQL comes from ADVISORY_LOCKS", () => {
  const takers = globSync("{lib,server,scripts}/**/*.ts", { exclude: (path) => path.endsWith(".test.ts") })
    .map((path) => ({ path, text: readFileSync(path, "utf8") }))
    .filter(({ text }) => /pg_(?:try_)?advisory_(?:xact_)?lock\((?!hashtext)/.test(text));
  expect(takers.length).toBeGreaterThan(0);
  expect(takers.filter(({ text }) => !text.includes("ADVISORY_LOCKS.")).map(({ path }) => path)).toEqual([]);
});
