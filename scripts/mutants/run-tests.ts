import { spawn } from "node:child_process";
import { existsSync, readFileSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { failedInVitest, type VitestReport } from "../test-reports";

/** A mutant may loop for ever. */
const RUN_MS_MAX = 5 * 60_000;
const END_MS_MAX = 15_000;

export type TestRun =
  | { readonly outcome: "passed" }
  /** `by` names the first test that failed. */
  | { readonly outcome: "failed"; readonly by: string }
  /** No test failed and yet the run did not pass: it could not start, or a hook failed. */
  | { readonly outcome: "broken"; readonly output: string };

/** Runs test files of a copied tree until the first of them fails. */
export async function runTests(
  root: string,
  files: readonly string[],
  signal: AbortSignal,
): Promise<TestRun> {
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
  let isLate = false;
  let killer: NodeJS.Timeout | undefined;
  const end = () => {
    child.kill("SIGTERM");
    killer ??= setTimeout(() => child.kill("SIGKILL"), END_MS_MAX);
  };
  const limit = setTimeout(() => {
    isLate = true;
    end();
  }, RUN_MS_MAX);
  signal.addEventListener("abort", end, { once: true });
  const code = await new Promise<number | null>((done) => child.once("close", done));
  signal.removeEventListener("abort", end);
  clearTimeout(limit);
  clearTimeout(killer);
  signal.throwIfAborted();
  if (isLate) return { outcome: "failed", by: `no end within ${RUN_MS_MAX / 60_000} minutes` };
  if (code === 0) return { outcome: "passed" };
  const [by] = existsSync(report)
    ? failedInVitest(JSON.parse(readFileSync(report, "utf8")) as VitestReport)
    : [];
  return by === undefined ? { outcome: "broken", output } : { outcome: "failed", by };
}
