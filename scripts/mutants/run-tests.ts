import { spawn } from "node:child_process";
import { existsSync, readFileSync, rmSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import type { VitestReport } from "../ci/test-reports";

/** A mutant may loop forever. */
const RUN_MS_MAX = 5 * 60_000;
const END_MS_MAX = 15_000;

export type TestRun =
  | { readonly outcome: "passed" }
  /** `by` names the test that failed first, or the file that could not be set up. */
  | { readonly outcome: "failed"; readonly by: string; readonly output: string }
  /**
   * The run ended before any test file, for example because the database did not start, or reached its time limit, as it
   * may on a busy machine. Says nothing about the tests.
   */
  | { readonly outcome: "not run"; readonly by: string; readonly output: string };

/**
 * Returns the first failure of a report. Failed tests come before failed files: `--bail` also fails files that it cancels.
 * Reasons are left out, because they may contain paths of this machine.
 */
function firstFailure(root: string, { testResults }: VitestReport): string | undefined {
  const tests = testResults.flatMap(({ name, assertionResults }) =>
    assertionResults
      .filter(({ status }) => status === "failed")
      .map(({ fullName }) => `${relative(root, name)}: ${fullName}`),
  );
  const files = testResults
    .filter(({ status }) => status === "failed")
    .map(({ name }) => `${relative(root, name)}: its set-up or a hook`);
  return tests[0] ?? files[0];
}

/**
 * Ends a process, by force if it takes too long.
 *
 * @returns a function that cancels the force
 */
function endGently(child: { kill(signal: NodeJS.Signals): boolean }): () => void {
  child.kill("SIGTERM");
  const killer = setTimeout(() => child.kill("SIGKILL"), END_MS_MAX);
  return () => clearTimeout(killer);
}

/**
 * Runs test files of a copied tree until the first of them fails.
 *
 * @throws the signal's reason
 */
export async function runTests(
  copy: string,
  files: readonly string[],
  signal: AbortSignal,
  limitMs = RUN_MS_MAX,
): Promise<TestRun> {
  const root = resolve(copy);
  const report = join(root, ".build", "mutant.json");
  rmSync(report, { force: true });
  const vitest = resolve("node_modules", "vitest", "vitest.mjs");
  const child = spawn(
    process.execPath,
    [vitest, "run", "--bail=1", "--reporter=json", `--outputFile=${report}`, ...files],
    { cwd: root, stdio: ["ignore", "pipe", "pipe"] },
  );
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk: Buffer) => {
      output = `${output}${chunk.toString()}`.slice(-4_000);
    });
  }
  const limit = AbortSignal.timeout(limitMs);
  let cancel = () => {};
  const end = () => {
    cancel = endGently(child);
  };
  const ending = AbortSignal.any([limit, signal]);
  ending.addEventListener("abort", end, { once: true });
  const code = await new Promise<number | null>((done) => child.once("close", done));
  ending.removeEventListener("abort", end);
  cancel();
  signal.throwIfAborted();
  if (limit.aborted) return { outcome: "not run", by: "The run reached its time limit.", output };
  if (code === 0) return { outcome: "passed" };
  const by = existsSync(report)
    ? firstFailure(root, JSON.parse(readFileSync(report, "utf8")) as VitestReport)
    : undefined;
  return by === undefined
    ? { outcome: "not run", by: "The test run did not start.", output }
    : { outcome: "failed", by, output };
}
