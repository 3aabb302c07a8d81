import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { runTests } from "./run-tests";

test("a run that reaches its time limit is reported as not run, because a busy machine causes that too", async () => {
  const copy = mkdtempSync(join(tmpdir(), "dingkeep-mutants-"));
  onTestFinished(() => rmSync(copy, { recursive: true }));
  const run = await runTests(copy, ["none.test.ts"], new AbortController().signal, 1);
  expect(run).toMatchObject({ outcome: "not run", by: "The run reached its time limit." });
});
