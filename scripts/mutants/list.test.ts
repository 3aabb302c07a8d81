import { existsSync } from "node:fs";
import { expect, test } from "vitest";
import { MUTANTS } from "./list";
import { mutate } from "./mutant";

const ALL = MUTANTS.flatMap(({ mutants }) => mutants);

test("the text of each mutant occurs exactly once in its file", () => {
  const gone = ALL.filter((mutant) => mutate(".", mutant) === null);
  expect(gone.map(({ file, text }) => `${file}: ${text}`)).toEqual([]);
});

test("each mutant names test files that exist", () => {
  const named = new Set(ALL.flatMap(({ tests }) => tests));
  expect([...named].filter((file) => !existsSync(file))).toEqual([]);
  expect(ALL.filter(({ tests }) => tests.length === 0)).toEqual([]);
});
