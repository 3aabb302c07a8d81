import { z } from "zod";

const STATES = ["queued", "running", "succeeded", "failed", "interrupted", "cancelled"] as const;

/** What the browser follows of a run while it is under way. Times are milliseconds since the epoch. */
export const runProgress = z.object({
  state: z.enum(STATES),
  stage: z.enum(["read", "plan", "write"]).nullable(),
  departmentsSeen: z.number(),
  departmentsExpected: z.number().nullable(),
  calls: z.number(),
  throttles: z.number(),
  startedAtMs: z.number().nullable(),
  /** The server's clock when this was said: the browser's may be another. */
  nowMs: z.number(),
});

export type RunProgress = z.infer<typeof runProgress>;

/** States from which a run goes on. */
export const isUnderWay = (state: RunProgress["state"]): boolean => state === "queued" || state === "running";
