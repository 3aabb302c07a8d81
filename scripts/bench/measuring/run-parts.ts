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
  /** By which it is chosen. */
  readonly name: string;
  /** Left out where no part is chosen. */
  readonly isOnlyByName?: boolean;
  run(database: MeasuredDatabase): Promise<Measured>;
};

export type Measured = {
  readonly section: Section;
  /** What should hold and does not, in a sentence each: the command fails then. */
  readonly failures: readonly string[];
};

type Measurement = {
  /** Of the command, and of its database. */
  readonly name: string;
  readonly parts: readonly Part[];
  readonly report: string;
  /** What stands above the first section of the report. */
  readonly preface: string;
};

/**
 * Measures, prints what was found, and renews those sections of the report.
 *
 * @param wanted names of parts; none means all
 * @returns the exit code: 1 when something is not within its limit
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
  // Before anything is written, which would make it another tree.
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
  for (const failure of failures) console.log(`NOT AS IT SHOULD BE: ${failure}`);
  return failures.length === 0 ? 0 : 1;
}
