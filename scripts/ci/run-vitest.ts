import { runTool } from "./test-tools";

/** Runs one project of the tests with these variables. @returns the exit code */
export async function runVitest(
  project: string,
  env: Readonly<Record<string, string>>,
  args: readonly string[] = [],
): Promise<number> {
  return (await runTool("vitest", ["run", "--project", project, ...args], env)).code;
}
