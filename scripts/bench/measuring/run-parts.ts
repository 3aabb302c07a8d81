import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { type MeasuredDatabase, openMeasuredDatabase } from "./measured-database";
import {
  commitText,
  machineText,
  readReport,
  replaceSections,
  type Section,
  sectionText,
  toTable,
} from "./report";

/** One part of a measurement. */
export type Part = {
  /** Selects the part on the command line. */
  readonly name: string;
  /** True if the part runs only when named. */
  readonly isOnlyByName?: boolean;
  run(database: MeasuredDatabase): Promise<Measured>;
};

export type Measured = {
  readonly section: Section;
  /** One sentence per violated limit; any makes the command fail. */
  readonly failures: readonly string[];
};

type Measurement = {
  /** Name of the command and of its database. */
  readonly name: string;
  readonly parts: readonly Part[];
  readonly report: string;
  /** Text above the first section of a new report. */
  readonly preface: string;
};

/**
 * Runs parts, prints their results, and replaces their sections in the report.
 *
 * @param wanted names of parts; all parts when empty
 * @returns the exit code: 1 when a limit is violated
 */
export async function runParts(
  { name, parts, report, preface }: Measurement,
  wanted: readonly string[],
): Promise<number> {
  const unknown = wanted.filter((word) => !parts.some((part) => part.name === word));
  if (unknown.length > 0) {
    console.error(
      `There is no part ${unknown.join(", ")}. Parts: ${parts.map((part) => part.name).join(", ")}.`,
    );
    return 1;
  }
  const command = [`npm run ${name}`, ...wanted].join(" ");
  // Read first, because writing the report changes the tree.
  const commit = commitText();
  const failures: string[] = [];
  const database = await openMeasuredDatabase(name);
  try {
    for (const part of parts.filter(({ name: one, isOnlyByName }) =>
      wanted.length === 0 ? !isOnlyByName : wanted.includes(one),
    )) {
      console.log(`\n── ${part.name}`);
      const measured = await part.run(database);
      const { title, head, rows, notes = [] } = measured.section;
      console.log([toTable(head, rows), ...notes].join("\n"));
      failures.push(...measured.failures.map((failure) => `${part.name}: ${failure}`));
      const made = { at: new Date(), command, commit, machine: machineText(database.version) };
      mkdirSync(dirname(report), { recursive: true });
      const sections = new Map([[title, sectionText(measured.section, made)]]);
      writeFileSync(report, replaceSections(readReport(report, preface), sections));
    }
  } finally {
    await database.close();
  }
  console.log(`\nWritten to ${report}.`);
  for (const failure of failures) console.log(`LIMIT VIOLATED: ${failure}`);
  return failures.length === 0 ? 0 : 1;
}
