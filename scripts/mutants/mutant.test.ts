import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { mutate } from "./mutant";

function folderWith(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), "mutants-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return folder;
}

test("a mutant applies only if its text occurs once, in one file or among several", () => {
  const root = folderWith({ "a.ts": "one two two", "b.ts": "one three" });
  const applied = (file: string, text: string) => mutate(root, { file, text, replacement: "X" });
  expect(applied("a.ts", "one")).toEqual({ file: "a.ts", source: "X two two" });
  expect(applied("a.ts", "two")).toBeNull();
  expect(applied("a.ts", "three")).toBeNull();
  expect(applied("*.ts", "three")).toEqual({ file: "b.ts", source: "one X" });
  expect(applied("*.ts", "one")).toBeNull();
});
