import { z } from "zod";
import { cursorNumber, cursorOfField } from "@/lib/pagination/cursor";
import { CHANGED_OBJECTS } from "../changes/change-kinds";
import { type ShownChange } from "../changes/schema";
import { atRun, userId } from "../ids";

const cursor = cursorOfField(cursorNumber).optional();

export const pastRunsQuery = z.object({ before: cursor });

export const historyQuery = z.object({
  object: z.enum(CHANGED_OBJECTS),
  id: userId,
  at: atRun,
  after: cursor,
});
export type HistoryQuery = z.infer<typeof historyQuery>;

export type HistoryEntry = ShownChange & {
  readonly revision: number;
  readonly appliedAt: string;
  /** The user or API key that made the change; `null` for a run. */
  readonly madeBy: string | null;
  readonly runId: string | null;
  readonly runNumber: number | null;
};

export type HistoryPage = {
  readonly entries: readonly HistoryEntry[];
  /** The `after` of the next page; `null` on the last page. */
  readonly older: string | null;
};

export type ShownPastRun = {
  readonly id: string;
  readonly number: number;
  readonly finishedAt: string;
};

export type PastRunPage = {
  readonly runs: readonly ShownPastRun[];
  /** The `before` of the next page; `null` on the last page. */
  readonly older: string | null;
};
