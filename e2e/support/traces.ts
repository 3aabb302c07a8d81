import { readFileSync } from "node:fs";
import { E2E_OUTPUT_FILE } from "@/lib/testing/e2e-run";
import { findMarks } from "@/lib/testing/marks";
import { readEveryTable } from "./database";
import { e2eRun } from "./simulator";

/** Returns the output of the suite's processes so far, by file. */
const readOutputs = (): Record<string, string> => ({
  "the processes' output": readFileSync(E2E_OUTPUT_FILE, "utf8"),
  "PostgreSQL's log": readFileSync(e2eRun().postgresLog, "utf8"),
});

/**
 * Searches the output of processes and the tables for marks.
 *
 * @returns descriptions such as `app secret in public.sync_run`
 */
export async function findTraces(marks: Readonly<Record<string, string>>): Promise<string[]> {
  const places = Object.entries(readOutputs());
  for (const { table, rows } of await readEveryTable()) places.push([table, rows.join("\n")]);
  return places.flatMap(([place, text]) => findMarks(text, marks).map((name) => `${name} in ${place}`));
}
