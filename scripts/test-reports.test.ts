import { expect, test } from "vitest";
import { failedInPlaywright, failedInVitest } from "./test-reports";

const RED = String.fromCharCode(27);

test("the end of a run names each test that failed, its file, and the beginning of why", () => {
  const assertion = (fullName: string, failureMessages: string[] | null = null) => ({
    fullName,
    status: failureMessages ? "failed" : "passed",
    failureMessages,
  });
  const named = failedInVitest({
    numPassedTests: 1,
    numFailedTests: 2,
    testResults: [
      {
        name: `${process.cwd()}/lib/a.test.ts`,
        status: "failed",
        assertionResults: [
          assertion("well"),
          assertion("badly", [`${RED}[31mexpected 1${RED}[39m\n\n  to be 2\n3\n4`]),
        ],
      },
      { name: "lib/b.test.ts", status: "failed", message: "cannot be read", assertionResults: [] },
      { name: "lib/c.test.ts", status: "passed", message: "", assertionResults: [assertion("well")] },
    ],
  });
  expect(named).toEqual(["lib/a.test.ts: badly: expected 1 | to be 2 | 3", "lib/b.test.ts: cannot be read"]);
});

test("a browser test is named wherever its file groups it", () => {
  const spec = (title: string, ok: boolean, message?: string) => ({
    title,
    ok,
    file: "a.spec.ts",
    tests: [{ results: [message ? { error: { message } } : {}] }],
  });
  const inner = { title: "a group", specs: [spec("badly", false, "no heading")] };
  const suites = [{ title: "a.spec.ts", specs: [spec("well", true)], suites: [inner] }];
  expect(failedInPlaywright({ suites })).toEqual(["a.spec.ts: badly: no heading"]);
});
