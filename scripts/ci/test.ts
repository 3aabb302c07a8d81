import { execFileSync } from "node:child_process";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { isBuildSource } from "@/server/build-app";
import { DATA_FOLDER } from "@/server/local-settings";
import { reservePort } from "@/server/ports";
import { fileReadingTests, importingTests } from "./affected-tests";
import { installBrowser } from "./install-browser";
import {
  type Count,
  countPlaywright,
  countVitest,
  type FileTime,
  ONE_FAILED,
  ONE_PASSED,
} from "./test-reports";
import { exitWith, runTool, runTools } from "./test-tools";

/** With fewer modules, the import rules have checked nothing. */
const MODULES_MIN = 150;
const SLOWEST_SHOWN = 15;

type Step = { readonly name: string; readonly run: () => Promise<Count> };

const passes = async (work: Promise<boolean>): Promise<Count> => ((await work) ? ONE_PASSED : ONE_FAILED);

const check = (name: string, ...commands: [string, ...string[]][]): Step => ({
  name,
  run: () => passes(runTools(commands)),
});

/** dependency-cruiser succeeds on an empty list, so the number of modules is checked too. */
async function checkImports(): Promise<boolean> {
  const { code, output } = await runTool("depcruise", [
    "--config",
    ".dependency-cruiser.mjs",
    "app",
    "lib",
    "server",
    "scripts",
    "simulator",
  ]);
  const modules = Number(/(\d+) modules/.exec(output)?.[1] ?? 0);
  if (modules < MODULES_MIN)
    console.log(`Only ${modules} modules were read, so the import rules checked nothing.`);
  return code === 0 && modules >= MODULES_MIN;
}

type Project = "unit" | "db";

function vitest(name: string, projects: readonly Project[], ...args: string[]): Step {
  return {
    name,
    run: async () => {
      const report = join(".build", `vitest-${projects.join("-")}.json`);
      rmSync(report, { force: true });
      const chosen = projects.map((project) => `--project=${project}`);
      const reporters = ["--reporter=default", "--reporter=json", `--outputFile=${report}`];
      const { code } = await runTool("vitest", ["run", ...chosen, ...reporters, ...args], {
        // Keeps compiled code of packages for the next worker process.
        NODE_COMPILE_CACHE: join(DATA_FOLDER, "compile-cache"),
      });
      return countVitest(report, code);
    },
  };
}

function playwright(...args: string[]): Step {
  return {
    name: "browser tests",
    run: async () => {
      if (!(await installBrowser())) return ONE_FAILED;
      const report = join(".build", "playwright.json");
      rmSync(report, { force: true });
      // Without the reservation, a run that starts meanwhile would find the same port free and test this run's server.
      const { port, release } = await reservePort(3199);
      const { code } = await runTool(
        "playwright",
        ["test", "--config", "e2e/playwright.config.ts", ...args],
        { E2E_PORT: String(port), PLAYWRIGHT_JSON_OUTPUT_NAME: report },
      );
      await release();
      return countPlaywright(report, code);
    },
  };
}

const FORMAT = check("format", ["biome", "check", "--linter-enabled=false"]);
/** One program for both, because type-aware rules need all types anyway. */
const LINT = check(
  "types and lint",
  ["next", "typegen"],
  ["oxlint", "--type-aware", "--type-check", "--deny-warnings"],
);
const IMPORTS: Step = { name: "import rules", run: () => passes(checkImports()) };
const DEAD_CODE = check("dead code", ["knip"]);
const UNIT = vitest("unit tests", ["unit"]);
const DATABASE = vitest("database tests", ["db"]);
const BUILD = check("build", ["node", "scripts/run.mjs", "build"]);

/** Runs checks that use one core each at the same time. */
const together = (...steps: readonly Step[]): Step => ({
  name: steps.map(({ name }) => name).join(", "),
  run: async () => {
    const counts = await Promise.all(steps.map(({ run }) => run()));
    const sum = (of: (count: Count) => number) => counts.reduce((total, count) => total + of(count), 0);
    return {
      passed: sum(({ passed }) => passed),
      failed: sum(({ failed }) => failed),
      names: steps.filter((_, index) => counts[index]?.failed !== 0).map(({ name }) => name),
    };
  },
});

/**
 * Steps run in sequence: on two cores, browsers, test workers and the build would slow each other down to their time
 * limits. Unit and database tests run together, because many of them wait.
 */
const ALL: readonly Step[] = [
  LINT,
  together(FORMAT, IMPORTS, DEAD_CODE),
  vitest("unit and database tests", ["unit", "db"]),
  BUILD,
  playwright(),
];

const SINGLE: readonly Step[] = [LINT, FORMAT, IMPORTS, DEAD_CODE, UNIT, DATABASE, BUILD, playwright()];

const QUICK: readonly Step[] = [FORMAT, LINT, UNIT];

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

async function runStep({ name, run }: Step): Promise<Count> {
  const startedAt = performance.now();
  console.log(`\n── ${name}`);
  const count = await run();
  const seconds = ((performance.now() - startedAt) / 1_000).toFixed(1);
  console.log(`── ${name}: ${count.failed === 0 ? "passed" : "FAILED"} (${seconds} s)`);
  return count;
}

function printSlowest(files: readonly FileTime[]): void {
  const slowest = files.toSorted((one, other) => other.seconds - one.seconds).slice(0, SLOWEST_SHOWN);
  if (slowest.length === 0) return;
  console.log(`\n── slowest files`);
  for (const { file, seconds } of slowest) console.log(`${seconds.toFixed(1).padStart(6)} s  ${file}`);
}

/**
 * Runs every step, even after a failure, to report everything in one run.
 *
 * @returns the exit code
 */
async function runSteps(steps: readonly Step[]): Promise<number> {
  const counts: Count[] = [];
  const failures: string[] = [];
  for (const step of steps) {
    const count = await runStep(step);
    counts.push(count);
    if (count.failed > 0) failures.push(step.name, ...(count.names ?? []).map((name) => `  ${name}`));
  }
  printSlowest(counts.flatMap(({ files = [] }) => files));
  if (failures.length > 0) console.log(`\n── failed\n${failures.join("\n")}`);
  const sum = (of: (count: Count) => number) => counts.reduce((total, count) => total + of(count), 0);
  const failed = sum((count) => count.failed);
  console.log(`\n${sum((count) => count.passed)} passed, ${failed} failed`);
  return failed === 0 ? 0 : 1;
}

function chooseSteps([mode = "", argument]: readonly string[]): readonly Step[] {
  if (mode === "--quick") return QUICK;
  if (mode === "--changed") {
    const base = argument ?? "HEAD";
    return stepsFor(changedSince(base), base);
  }
  return mode ? SINGLE.filter(({ name }) => name.includes(mode)) : ALL;
}

await exitWith(() => runSteps(chooseSteps(process.argv.slice(2))));
