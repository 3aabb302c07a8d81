import { z } from "zod";
import { CHANGED_OBJECTS, type ShownChange } from "../changes/shown-change";
import { atRun, userId } from "../ids";

/** The number of a run or a revision, as an address has it. */
const ordinal = z
  .string()
  .regex(/^[1-9][0-9]{0,8}$/)
  .transform(Number)
  .optional();

/** Syncs that come before the one of this number. */
export const pastRunsQuery = z.object({ before: ordinal });

/** Changes of one department or one person, before a revision. */
export const historyQuery = z.object({
  object: z.enum(CHANGED_OBJECTS),
  id: userId,
  at: atRun,
  after: ordinal,
});
export type HistoryQuery = z.infer<typeof historyQuery>;

/** One of the changes that made something what it is. */
export type HistoryEntry = ShownChange & {
  readonly revision: number;
  /** ISO 8601. */
  readonly appliedAt: string;
  /** Who did it, where it was no run. */
  readonly madeBy: string | null;
  readonly runId: string | null;
  readonly runNumber: number | null;
};

export type HistoryPage = {
  readonly entries: readonly HistoryEntry[];
  /** Give it back as `after` for the next page; `null` on the last one. */
  readonly older: number | null;
};

/** A sync after which the directory can be looked at. */
export type ShownPastRun = {
  readonly id: string;
  readonly number: number;
  /** ISO 8601. */
  readonly finishedAt: string;
};

export type PastRunPage = {
  readonly runs: readonly ShownPastRun[];
  /** Give it back as `before` for the next page; `null` on the last one. */
  readonly older: number | null;
};
