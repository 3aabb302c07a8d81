import { z } from "zod";

export const RUN_STATES = ["queued", "running", "succeeded", "failed", "interrupted", "cancelled"] as const;
export const RUN_TRIGGERS = ["manual", "schedule", "first", "takeover"] as const;

/** A run's number, as an address has it. */
const runNumber = z
  .string()
  .regex(/^[1-9][0-9]{0,8}$/)
  .transform(Number)
  .optional()
  .catch(undefined);

/** What the browser follows of a run while it is under way. Times are milliseconds since the epoch. */
export const runProgress = z.object({
  state: z.enum(RUN_STATES),
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

/** A run that is under way, beside those of other apps. */
export const liveRun = runProgress.extend({ id: z.string(), number: z.number() });
export type LiveRun = z.infer<typeof liveRun>;

/** What pages that are open ask for now and then. */
export const liveState = z.object({
  /** Another one when anything that such a page shows is another, the figures of a run apart. */
  stamp: z.string(),
  /** By the app's id. */
  runs: z.record(z.string(), liveRun),
});
export type LiveState = z.infer<typeof liveState>;

/** Which runs a page of the list shows; what makes no sense in an address is as if it weren't there. */
export const runsQuery = z.object({
  state: z.enum(RUN_STATES).optional().catch(undefined),
  trigger: z.enum(RUN_TRIGGERS).optional().catch(undefined),
  before: runNumber,
  after: runNumber,
});
export type RunsQuery = z.infer<typeof runsQuery>;

/** States from which a run goes on. */
export const isUnderWay = (state: RunProgress["state"]): boolean => state === "queued" || state === "running";
