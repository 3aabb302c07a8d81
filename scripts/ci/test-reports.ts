import { existsSync, readFileSync } from "node:fs";
import { stripVTControlCharacters } from "node:util";

/** Duration of a test file's tests. */
export type FileTime = { readonly file: string; readonly seconds: number };

/** Result of a step. */
export type Count = {
  readonly passed: number;
  readonly failed: number;
  /** Names of the failed tests. */
  readonly names?: readonly string[];
  readonly files?: readonly FileTime[];
};

export const ONE_PASSED: Count = { passed: 1, failed: 0 };
export const ONE_FAILED: Count = { passed: 0, failed: 1 };

type Attempt = { readonly error?: { readonly message?: string }; readonly duration: number };
type Suite = {
  readonly title: string;
  readonly suites?: readonly Suite[];
  readonly specs?: readonly {
    readonly title: string;
    readonly ok: boolean;
    readonly file: string;
    readonly tests: readonly { readonly results: readonly Attempt[] }[];
  }[];
};

/** The used part of Playwright's JSON report. */
export type PlaywrightReport = {
  readonly stats: { readonly expected: number; readonly unexpected: number; readonly flaky: number };
  readonly suites: readonly Suite[];
};

/** The used part of Vitest's JSON report. */
export type VitestReport = {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly testResults: readonly {
    readonly name: string;
    readonly startTime: number;
    readonly endTime: number;
    /** Error of a file that could not be loaded or set up. */
    readonly message?: string;
    readonly status: string;
    readonly assertionResults: readonly {
      readonly status: string;
      readonly fullName: string;
      readonly failureMessages: readonly string[] | null;
    }[];
  }[];
};

const LINES_MAX = 3;

/** Returns the first lines of an error. Its stack is in the step's own output. */
function reasonOf(message: string | undefined): string {
  const lines = stripVTControlCharacters(message ?? "").split("\n");
  const said = lines.map((line) => line.trim()).filter((line) => line !== "" && !line.startsWith("at "));
  return said.slice(0, LINES_MAX).join(" | ");
}

const line = (...parts: string[]): string => parts.filter((part) => part !== "").join(": ");

const relative = (path: string): string =>
  path.startsWith(process.cwd()) ? path.slice(process.cwd().length + 1) : path;

/** Lists failed tests with file, name and the beginning of the error. */
export function failedInVitest({ testResults }: Pick<VitestReport, "testResults">): string[] {
  return testResults.flatMap(({ name, status, message, assertionResults }) => {
    const file = relative(name);
    const failed = assertionResults.filter((one) => one.status === "failed");
    if (failed.length === 0) return status === "failed" ? [line(file, reasonOf(message))] : [];
    return failed.map((one) => line(file, one.fullName, reasonOf(one.failureMessages?.[0])));
  });
}

/** Lists tests that failed, or passed only on a retry. */
export function failedInPlaywright({ suites }: Pick<PlaywrightReport, "suites">): string[] {
  return suites.flatMap(({ suites: inner = [], specs = [] }) => [
    ...failedInPlaywright({ suites: inner }),
    ...specs
      .filter(({ ok }) => !ok)
      .map(({ file, title, tests }) => {
        const attempts = tests.flatMap(({ results }) => results);
        return line(file, title, reasonOf(attempts.find(({ error }) => error)?.error?.message));
      }),
  ]);
}

/** Sums the durations of browser tests by file. */
export function timesInPlaywright({ suites }: Pick<PlaywrightReport, "suites">): FileTime[] {
  const seconds = new Map<string, number>();
  const add = ({ suites: inner = [], specs = [] }: Suite): void => {
    inner.forEach(add);
    for (const { file, tests } of specs)
      for (const { duration } of tests.flatMap(({ results }) => results))
        seconds.set(file, (seconds.get(file) ?? 0) + duration / 1_000);
  };
  suites.forEach(add);
  return [...seconds].map(([file, sum]) => ({ file: `e2e/${file}`, seconds: sum }));
}

/** Reads a runner's report. Adds a failure if the runner failed without naming one. */
function countReport(path: string, code: number, read: (report: never) => Count): Count {
  if (!existsSync(path)) return code === 0 ? { passed: 0, failed: 0 } : ONE_FAILED;
  const counted = read(JSON.parse(readFileSync(path, "utf8")) as never);
  return code !== 0 && counted.failed === 0 ? { ...counted, failed: 1 } : counted;
}

export const countVitest = (path: string, code: number): Count =>
  countReport(path, code, (report: VitestReport) => ({
    passed: report.numPassedTests,
    failed: report.numFailedTests,
    names: failedInVitest(report),
    files: report.testResults.map(({ name, startTime, endTime }) => ({
      file: relative(name),
      seconds: (endTime - startTime) / 1_000,
    })),
  }));

export const countPlaywright = (path: string, code: number): Count =>
  countReport(path, code, (report: PlaywrightReport) => ({
    passed: report.stats.expected,
    failed: report.stats.unexpected + report.stats.flaky,
    names: failedInPlaywright(report),
    files: timesInPlaywright(report),
  }));
