import { spawn } from "node:child_process";
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, rmSync, writeSync } from "node:fs";
import { dirname, join } from "node:path";
import { buildApp } from "./build-app";
import { freePort } from "./free-port";
import { installBrowser } from "./install-browser";
import { failedInPlaywright, failedInVitest, type PlaywrightReport, type VitestReport } from "./test-reports";

/** Fewer modules than this and the import rules were checked on nothing. */
const MODULES_MIN = 150;

type Count = {
  readonly passed: number;
  readonly failed: number;
  /** What failed, by name, for the end of the output. */
  readonly names?: readonly string[];
};
/** The file descriptor of what a step prints. */
type Output = number;
type Step = { readonly name: string; readonly run: (output: Output) => Promise<Count> };

const STDOUT: Output = 1;
const bin = (name: string) => join("node_modules", ".bin", name);
const ONE_PASSED: Count = { passed: 1, failed: 0 };
const ONE_FAILED: Count = { passed: 0, failed: 1 };

function say(output: Output, text: string): void {
  // A pipe that is read slowly refuses what is written past Node's own stream.
  if (output === STDOUT) process.stdout.write(text);
  else writeSync(output, text);
}

function runProgram(
  output: Output,
  program: string,
  args: string[],
  env: Record<string, string> = {},
): Promise<number> {
  const colors = process.stdout.isTTY ? { FORCE_COLOR: "1" } : {};
  const child = spawn(bin(program), args, {
    stdio: ["ignore", output, output],
    env: { ...process.env, ...colors, ...env },
  });
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("exit", (code) => resolve(code ?? 1));
  });
}

const check = (name: string, ...commands: [string, ...string[]][]): Step => ({
  name,
  run: async (output) => {
    for (const [program, ...args] of commands) {
      if ((await runProgram(output, program, args)) !== 0) return ONE_FAILED;
    }
    return ONE_PASSED;
  },
});

/** A check that would pass on an empty list has to say how much it read. */
async function checkImports(output: Output): Promise<Count> {
  const child = spawn(bin("depcruise"), [
    "--config",
    ".dependency-cruiser.mjs",
    "app",
    "lib",
    "scripts",
    "simulator",
  ]);
  let said = "";
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (chunk: Buffer) => {
      said += chunk.toString();
    });
  const code = await new Promise((resolve) => child.on("exit", resolve));
  const modules = Number(/(\d+) modules/.exec(said)?.[1] ?? 0);
  if (modules < MODULES_MIN) said += `Only ${modules} modules were read; the import rules checked nothing.\n`;
  say(output, said);
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

async function runVitest(output: Output): Promise<Count> {
  const report = ".build/vitest.json";
  rmSync(report, { force: true });
  const code = await runProgram(output, "vitest", [
    "run",
    "--reporter=default",
    "--reporter=json",
    `--outputFile=${report}`,
  ]);
  return countOf(report, code, (json: VitestReport) => ({
    passed: json.numPassedTests,
    failed: json.numFailedTests,
    names: failedInVitest(json),
  }));
}

async function runPlaywright(output: Output): Promise<Count> {
  const report = ".build/playwright.json";
  rmSync(report, { force: true });
  const env = { E2E_PORT: String(await freePort(3199)), PLAYWRIGHT_JSON_OUTPUT_NAME: report };
  const code = await runProgram(output, "playwright", ["test", "--config", "e2e/playwright.config.ts"], env);
  return countOf(report, code, (json: PlaywrightReport) => ({
    passed: json.stats.expected,
    failed: json.stats.unexpected + json.stats.flaky,
    names: failedInPlaywright(json),
  }));
}

async function build(output: Output): Promise<Count> {
  return (await buildApp(output)) === 0 ? ONE_PASSED : ONE_FAILED;
}

/**
 * One after the other, in the order of what they cost: the build writes where the types are read, and is what the browser
 * looks at.
 */
const OUTER: readonly Step[] = [
  check("format", ["biome", "check", "--linter-enabled=false"]),
  check("lint", ["oxlint", "--type-aware", "--deny-warnings"]),
  { name: "import rules", run: checkImports },
  check("dead code", ["knip"]),
  check("types", ["next", "typegen"], ["tsc", "--noEmit"]),
  { name: "build", run: build },
  { name: "browser", run: async () => ((await installBrowser()) ? ONE_PASSED : ONE_FAILED) },
  { name: "end-to-end tests", run: runPlaywright },
];
const INNER: readonly Step[] = [{ name: "unit and integration tests", run: runVitest }];

/** They run at the same time: much of either is waiting for a process or a clock. */
const LANES: readonly (readonly Step[])[] = [OUTER, INNER];

/** Runs a step into a file and prints it in one piece at its end, for others run beside it. */
async function runAside(step: Step): Promise<Count> {
  const path = join(".build", `test-${step.name.replaceAll(" ", "-")}.log`);
  mkdirSync(dirname(path), { recursive: true });
  const file = openSync(path, "w");
  try {
    return await runStep(step, file);
  } finally {
    closeSync(file);
    process.stdout.write(readFileSync(path));
  }
}

async function runStep({ name, run }: Step, output: Output): Promise<Count> {
  const startedAt = performance.now();
  say(output, `\n── ${name}\n`);
  const count = await run(output);
  const seconds = ((performance.now() - startedAt) / 1_000).toFixed(1);
  say(output, `── ${name}: ${count.failed === 0 ? "passed" : "FAILED"} (${seconds} s)\n`);
  return count;
}

/** `npm test`: everything. Goes on after a failure, so that one run says all. */
async function main(): Promise<number> {
  const wanted = process.argv[2] ?? "";
  const total = { passed: 0, failed: 0 };
  const failures: string[] = [];
  const lanes = LANES.map((lane) => lane.filter(({ name }) => name.includes(wanted))).filter(
    (lane) => lane.length > 0,
  );
  await Promise.all(
    lanes.map(async (lane) => {
      for (const step of lane) {
        const count = await (lanes.length > 1 ? runAside(step) : runStep(step, STDOUT));
        total.passed += count.passed;
        total.failed += count.failed;
        if (count.failed > 0) failures.push(step.name, ...(count.names ?? []).map((name) => `  ${name}`));
      }
    }),
  );
  // Long before the end of what was printed a failure is easily missed, or cut off.
  if (failures.length > 0) console.log(`\n── failed\n${failures.join("\n")}`);
  console.log(`\n${total.passed} passed, ${total.failed} failed`);
  return total.failed === 0 ? 0 : 1;
}

process.exit(await main());
