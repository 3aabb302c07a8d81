import { stripVTControlCharacters } from "node:util";

type Attempt = { readonly error?: { readonly message?: string } };
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

/** What we read of Playwright's JSON. */
export type PlaywrightReport = {
  readonly stats: { readonly expected: number; readonly unexpected: number; readonly flaky: number };
  readonly suites: readonly Suite[];
};

/** What we read of Vitest's. */
export type VitestReport = {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly testResults: readonly {
    readonly name: string;
    /** Of a file that could not be read or set up. */
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

/** The beginning of what went wrong: the place stands in the step's own output. */
function reasonOf(message: string | undefined): string {
  const lines = stripVTControlCharacters(message ?? "").split("\n");
  const said = lines.map((line) => line.trim()).filter((line) => line !== "" && !line.startsWith("at "));
  return said.slice(0, LINES_MAX).join(" | ");
}

const line = (...parts: string[]): string => parts.filter((part) => part !== "").join(": ");

/** Each test that failed, by file and name, with the beginning of its reason. */
export function failedInVitest({ testResults }: VitestReport): string[] {
  return testResults.flatMap(({ name, status, message, assertionResults }) => {
    const file = name.startsWith(process.cwd()) ? name.slice(process.cwd().length + 1) : name;
    const failed = assertionResults.filter((one) => one.status === "failed");
    if (failed.length === 0) return status === "failed" ? [line(file, reasonOf(message))] : [];
    return failed.map((one) => line(file, one.fullName, reasonOf(one.failureMessages?.[0])));
  });
}

/** Each test that failed, or passed only when it was tried again. */
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
