import { rmSync } from "node:fs";
import { join } from "node:path";
import { DATA_FOLDER } from "@/server/local-settings";
import { reservePort } from "@/server/ports";
import { installBrowser } from "./install-browser";
import { type Count, countPlaywright, countVitest, ONE_FAILED, ONE_PASSED } from "./test-reports";
import { runTool, runTools } from "./test-tools";

/** With fewer modules, the import rules have checked nothing. */
const MODULES_MIN = 150;

export type Step = { readonly name: string; readonly run: () => Promise<Count> };

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

export type Project = "unit" | "db";

export function vitest(name: string, projects: readonly Project[], ...args: string[]): Step {
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

export function playwright(...args: string[]): Step {
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

export const FORMAT = check("format", ["biome", "check", "--linter-enabled=false"]);
/** One program for both, because type-aware rules need all types anyway. */
export const LINT = check(
  "types and lint",
  ["next", "typegen"],
  ["oxlint", "--type-aware", "--type-check", "--deny-warnings"],
);
export const IMPORTS: Step = { name: "import rules", run: () => passes(checkImports()) };
export const DEAD_CODE = check("dead code", ["knip"]);
export const UNIT = vitest("unit tests", ["unit"]);
export const DATABASE = vitest("database tests", ["db"]);
export const BUILD = check("build", ["node", "scripts/run.mjs", "build"]);

/** Runs checks that use one core each at the same time. */
export const together = (...steps: readonly Step[]): Step => ({
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
