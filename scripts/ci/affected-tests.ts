import { globSync, readFileSync } from "node:fs";
import { stripVTControlCharacters } from "node:util";
import { runTool } from "./test-tools";

const READS_FILES = /\b(?:readFileSync|readdirSync|globSync|readFile|existsSync)\(/;

/**
 * Lists unit tests that read files of the repository by path, such as a test of all routes or of a document. Their
 * imports do not show which changes they can notice.
 */
export const fileReadingTests = (): string[] =>
  globSync("{lib,server,scripts,simulator,app,messages,packages}/**/*.test.{ts,tsx}", {
    exclude: ["**/node_modules"],
  })
    .filter((path) => !/\.(?:db|citus)\.test\./.test(path))
    .filter((path) => READS_FILES.test(readFileSync(path, "utf8")));

/**
 * Lists test files that import a file that differs from `base`, directly or indirectly.
 *
 * @throws when Vitest fails
 */
export async function importingTests(project: string, base: string): Promise<string[]> {
  const args = ["list", "--filesOnly", `--changed=${base}`, "--project", project];
  const { code, output } = await runTool("vitest", args, {}, () => {});
  if (code !== 0) throw new Error(`vitest ${args.join(" ")} failed:\n${output}`);
  const lines = stripVTControlCharacters(output).split("\n");
  return lines.flatMap((line) => /^\[\w+\] (.+)$/.exec(line)?.[1] ?? []);
}
