import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { countVitest, failedInPlaywright, failedInVitest, timesInPlaywright } from "./test-reports";

const TIMES = { startTime: 0, endTime: 1_500 };
const RED = String.fromCharCode(27);

test("lists each failed test with its file and the beginning of its error", () => {
  const assertion = (fullName: string, failureMessages: string[] | null = null) => ({
    fullName,
    status: failureMessages ? "failed" : "passed",
    failureMessages,
  });
  const named = failedInVitest({
    testResults: [
      {
        name: `${process.cwd()}/lib/a.test.ts`,
        status: "failed",
        ...TIMES,
        assertionResults: [
          assertion("well"),
          assertion("badly", [`${RED}[31mexpected 1${RED}[39m\n\n  to be 2\n3\n4`]),
        ],
      },
      { name: "lib/b.test.ts", status: "failed", message: "cannot be read", ...TIMES, assertionResults: [] },
      {
        name: "lib/c.test.ts",
        status: "passed",
        message: "",
        ...TIMES,
        assertionResults: [assertion("well")],
      },
    ],
  });
  expect(named).toEqual(["lib/a.test.ts: badly: expected 1 | to be 2 | 3", "lib/b.test.ts: cannot be read"]);
});

test("names a failed browser test at any nesting of its file", () => {
  const spec = (title: string, ok: boolean, message?: string) => ({
    title,
    ok,
    file: "a.spec.ts",
    tests: [{ results: [{ duration: 2_000, ...(message && { error: { message } }) }] }],
  });
  const inner = { title: "a group", specs: [spec("badly", false, "no heading")] };
  const suites = [{ title: "a.spec.ts", specs: [spec("well", true)], suites: [inner] }];
  expect(failedInPlaywright({ suites })).toEqual(["a.spec.ts: badly: no heading"]);
  expect(timesInPlaywright({ suites })).toEqual([{ file: "e2e/a.spec.ts", seconds: 4 }]);
});

test("counts a runner as failed that fails without naming a test, or before it writes a report", () => {
  const folder = mkdtempSync(join(tmpdir(), "dingkeep-report-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const report = join(folder, "vitest.json");
  expect(countVitest(report, 1)).toMatchObject({ passed: 0, failed: 1 });
  writeFileSync(
    report,
    JSON.stringify({
      numPassedTests: 3,
      numFailedTests: 0,
      testResults: [{ name: "a.test.ts", status: "passed", ...TIMES, assertionResults: [] }],
    }),
  );
  expect(countVitest(report, 1)).toMatchObject({ passed: 3, failed: 1 });
  expect(countVitest(report, 0)).toMatchObject({
    passed: 3,
    failed: 0,
    files: [{ file: "a.test.ts", seconds: 1.5 }],
  });
});
