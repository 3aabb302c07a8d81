import { spawn } from "node:child_process";
import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { buildApp } from "./build-app";
import { freePort } from "./free-port";
import { installBrowser } from "./install-browser";

/** Fewer modules than this and the import rules were checked on nothing. */
const MODULES_MIN = 150;

type Count = { readonly passed: number; readonly failed: number };
type Step = { readonly name: string; readonly run: () => Promise<Count> };

const bin = (name: string) => join("node_modules", ".bin", name);
const ONE_PASSED: Count = { passed: 1, failed: 0 };
const ONE_FAILED: Count = { passed: 0, failed: 1 };

function runProgram(program: string, args: string[], env: Record<string, string> = {}): Promise<number> {
  const child = spawn(bin(program), args, { stdio: "inherit", env: { ...process.env, ...env } });
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("exit", (code) => resolve(code ?? 1));
  });
}

const check = (name: string, ...commands: [string, ...string[]][]): Step => ({
  name,
  run: async () => {
    for (const [program, ...args] of commands) {
      if ((await runProgram(program, args)) !== 0) return ONE_FAILED;
    }
    return ONE_PASSED;
  },
});

/** A check that would pass on an empty list has to say how much it read. */
async function checkImports(): Promise<Count> {
  const child = spawn(bin("depcruise"), [
    "--config",
    ".dependency-cruiser.mjs",
    "app",
    "lib",
    "scripts",
    "simulator",
  ]);
  let said = "";
  child.stdout.on("data", (chunk: Buffer) => {
    said += chunk.toString();
  });
  const code = await new Promise((resolve) => child.on("exit", resolve));
  process.stdout.write(said);
  const modules = Number(/(\d+) modules/.exec(said)?.[1] ?? 0);
  if (modules < MODULES_MIN)
    console.log(`Only ${modules} modules were read; the import rules checked nothing.`);
  return code === 0 && modules >= MODULES_MIN ? ONE_PASSED : ONE_FAILED;
}

/** Counts what a runner's report says; a runner that ended badly without a failure in it counts as one. */
function countOf(report: string, code: number, read: (json: never) => Count): Count {
  const counted = existsSync(report)
    ? read(JSON.parse(readFileSync(report, "utf8")) as never)
    : { passed: 0, failed: 0 };
  const missed = code !== 0 && counted.failed === 0;
  return missed || counted.passed + counted.failed === 0
    ? { ...counted, failed: counted.failed + 1 }
    : counted;
}

async function runVitest(): Promise<Count> {
  const report = ".build/vitest.json";
  rmSync(report, { force: true });
  const code = await runProgram("vitest", [
    "run",
    "--reporter=default",
    "--reporter=json",
    `--outputFile=${report}`,
  ]);
  return countOf(report, code, (json: { numPassedTests: number; numFailedTests: number }) => ({
    passed: json.numPassedTests,
    failed: json.numFailedTests,
  }));
}

async function runPlaywright(): Promise<Count> {
  const report = ".build/playwright.json";
  rmSync(report, { force: true });
  const env = { E2E_PORT: String(await freePort(3199)), PLAYWRIGHT_JSON_OUTPUT_NAME: report };
  const code = await runProgram("playwright", ["test", "--config", "e2e/playwright.config.ts"], env);
  return countOf(
    report,
    code,
    ({ stats }: { stats: { expected: number; unexpected: number; flaky: number } }) => ({
      passed: stats.expected,
      failed: stats.unexpected + stats.flaky,
    }),
  );
}

async function build(): Promise<Count> {
  return (await buildApp()) === 0 ? ONE_PASSED : ONE_FAILED;
}

const STEPS: readonly Step[] = [
  check("format", ["biome", "check", "--linter-enabled=false"]),
  check("lint", ["oxlint", "--type-aware", "--deny-warnings"]),
  { name: "import rules", run: checkImports },
  check("dead code", ["knip"]),
  check("types", ["next", "typegen"], ["tsc", "--noEmit"]),
  { name: "unit and integration tests", run: runVitest },
  { name: "build", run: build },
  { name: "browser", run: async () => ((await installBrowser()) ? ONE_PASSED : ONE_FAILED) },
  { name: "end-to-end tests", run: runPlaywright },
];

/** `npm test`: everything, in the order of what it costs. Goes on after a failure, so that one run says all. */
async function main(): Promise<number> {
  const wanted = process.argv[2];
  const total = { passed: 0, failed: 0 };
  for (const { name, run } of STEPS) {
    if (wanted && !name.includes(wanted)) continue;
    const startedAt = performance.now();
    console.log(`\n── ${name}`);
    const { passed, failed } = await run();
    total.passed += passed;
    total.failed += failed;
    const seconds = ((performance.now() - startedAt) / 1_000).toFixed(1);
    console.log(`── ${name}: ${failed === 0 ? "passed" : "FAILED"} (${seconds} s)`);
  }
  console.log(`\n${total.passed} passed, ${total.failed} failed`);
  return total.failed === 0 ? 0 : 1;
}

process.exit(await main());
