import { affectedSteps } from "./affected-tests";
import type { Count, FileTime } from "./test-reports";
import {
  BUILD,
  DATABASE,
  DEAD_CODE,
  FORMAT,
  IMPORTS,
  LINT,
  playwright,
  type Step,
  together,
  UNIT,
  vitest,
} from "./test-steps";
import { exitWith } from "./test-tools";

const SLOWEST_SHOWN = 15;

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
  if (mode === "--changed") return affectedSteps(argument ?? "HEAD");
  return mode ? SINGLE.filter(({ name }) => name.includes(mode)) : ALL;
}

await exitWith(() => runSteps(chooseSteps(process.argv.slice(2))));
