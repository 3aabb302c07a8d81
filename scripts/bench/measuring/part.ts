import type { MeasuredDatabase } from "./measured-database";
import type { Section } from "./report";

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
