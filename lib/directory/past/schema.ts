import { z } from "zod";

/** Syncs that come before the one of this number. */
export const pastRunsQuery = z.object({
  before: z
    .string()
    .regex(/^[1-9][0-9]{0,8}$/)
    .transform(Number)
    .optional(),
});

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
