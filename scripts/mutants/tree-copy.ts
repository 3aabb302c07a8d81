import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Mutated } from "./mutant";

/** Folders that are not sources. `node_modules` is shared. */
const NOT_COPIED = new Set([
  "node_modules",
  ".git",
  ".next",
  ".build",
  ".data",
  "test-results",
  "playwright-report",
]);

export type TreeCopy = {
  readonly root: string;
  /** Runs `work` while a file of the copy is replaced. */
  withText<T>(mutated: Mutated, work: () => Promise<T>): Promise<T>;
};

/**
 * Copies the working tree, without installed and built files. Replaces the copy of an interrupted run, except its test
 * database.
 */
export function copyTree(root: string): TreeCopy {
  mkdirSync(root, { recursive: true });
  for (const name of readdirSync(root)) {
    if (name !== ".data") rmSync(join(root, name), { recursive: true, force: true });
  }
  for (const name of readdirSync(".")) {
    if (!NOT_COPIED.has(name)) cpSync(name, join(root, name), { recursive: true });
  }
  symlinkSync(resolve("node_modules"), join(root, "node_modules"), "junction");
  return {
    root,
    async withText({ file, source }, work) {
      const path = join(root, file);
      const original = readFileSync(path, "utf8");
      writeFileSync(path, source);
      try {
        return await work();
      } finally {
        writeFileSync(path, original);
      }
    },
  };
}
