import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** One line of the product, broken on purpose, and the tests that must notice it. */
export type Mutant = {
  /** Path from the repository's root. With `*`, the one of several files that contains the text. */
  readonly file: string;
  /** Occurs exactly once in the file. */
  readonly text: string;
  readonly replacement: string;
  /** Consequence for a user when the line is broken. */
  readonly harm: string;
  /** Test files of which at least one must fail. */
  readonly tests: readonly string[];
};

export type Topic = { readonly name: string; readonly mutants: readonly Mutant[] };

export type Mutated = { readonly file: string; readonly source: string };

/** Returns the mutated file of a tree, or `null` unless the mutant's text occurs exactly once. */
export function mutate(
  root: string,
  { file, text, replacement }: Pick<Mutant, "file" | "text" | "replacement">,
): Mutated | null {
  const files = file.includes("*") ? globSync(file, { cwd: root }) : [file];
  const found = files.flatMap((each) => {
    const [before = "", ...parts] = readFileSync(join(root, each), "utf8").split(text);
    return parts.map((after) => ({ file: each, source: before + replacement + after }));
  });
  const [only, ...more] = found;
  return only && more.length === 0 ? only : null;
}
