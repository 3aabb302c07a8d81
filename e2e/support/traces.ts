import { readFileSync } from "node:fs";
import { E2E_OUTPUT_FILE } from "@/lib/testing/e2e-run";
import { findMarks } from "@/lib/testing/marks";
import { readEveryTable } from "./database";
import { e2eRun } from "./simulator";

/** Everything that the processes of the suite have written so far, by who keeps it. */
const readOutputs = (): Record<string, string> => ({
  "the processes' output": readFileSync(E2E_OUTPUT_FILE, "utf8"),
  "PostgreSQL's log": readFileSync(e2eRun().postgresLog, "utf8"),
});

/**
 * Where marks stand outside of answers: in what processes wrote, and in the tables.
 *
 * @returns such as `app secret in public.sync_run`
 */
export async function findTraces(marks: Readonly<Record<string, string>>): Promise<string[]> {
  const places = Object.entries(readOutputs());
  for (const { table, rows } of await readEveryTable()) places.push([table, rows.join("\n")]);
  return places.flatMap(([place, text]) => findMarks(text, marks).map((name) => `${name} in ${place}`));
}
