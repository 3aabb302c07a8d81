import { execFileSync } from "node:child_process";
import { globSync, readFileSync } from "node:fs";
import { stripVTControlCharacters } from "node:util";
import { isBuildSource } from "@/server/build-app";
import type { Count } from "./test-reports";
import {
  BUILD,
  DATABASE,
  DEAD_CODE,
  FORMAT,
  IMPORTS,
  LINT,
  type Project,
  playwright,
  type Step,
  together,
  vitest,
} from "./test-steps";
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

/** Lists the paths that differ from `base`, including untracked files. */
function changedSince(base: string): string[] {
  const git = (...args: string[]) =>
    execFileSync("git", args, { encoding: "utf8" }).split("\n").filter(Boolean);
  return [...git("diff", "--name-only", base), ...git("ls-files", "--others", "--exclude-standard")];
}

const NOTHING_RUN: Count = { passed: 0, failed: 0 };

/** Runs the test files of a project that `list` returns. */
const listed = (name: string, project: Project, list: () => Promise<readonly string[]>): Step => ({
  name,
  run: async () => {
    const files = await list();
    return files.length === 0 ? NOTHING_RUN : vitest(name, [project], ...files).run();
  },
});

/** Selects the steps for changed paths. Any browser test can notice a change of the built product. */
function stepsFor(paths: readonly string[], base: string): readonly Step[] {
  const unit = listed("unit tests", "unit", async () => [
    ...new Set([...(await importingTests("unit", base)), ...fileReadingTests()]),
  ]);
  if (paths.every((path) => path.endsWith(".md"))) return [FORMAT, unit];
  // All test databases are made from these files, which no test imports.
  const database = paths.some((path) => path.startsWith("prisma/"))
    ? DATABASE
    : listed("database tests", "db", () => importingTests("db", base));
  const browser = paths.some(isBuildSource)
    ? [BUILD, playwright()]
    : paths.some((path) => path.startsWith("e2e/"))
      ? [BUILD, playwright(`--only-changed=${base}`, "--pass-with-no-tests")]
      : [];
  return [LINT, together(FORMAT, IMPORTS, DEAD_CODE), unit, database, ...browser];
}

/** Selects the steps that can notice a difference from `base`. */
export const affectedSteps = (base: string): readonly Step[] => stepsFor(changedSince(base), base);
