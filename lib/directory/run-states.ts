import type { RunStage } from "./sync/sync-reasons";

// What pages follow runs by, without a validator: it would be a tenth of what the browser loads.

export const RUN_STATES = [
  "queued",
  "running",
  "held",
  "succeeded",
  "failed",
  "interrupted",
  "cancelled",
  "superseded",
  "rejected",
  "expired",
] as const;
export const RUN_TRIGGERS = ["manual", "schedule", "first", "takeover"] as const;

/** What the browser follows of a run while it is under way. Times are milliseconds since the epoch. */
export type RunProgress = {
  readonly state: (typeof RUN_STATES)[number];
  readonly stage: RunStage | null;
  readonly departmentsSeen: number;
  readonly departmentsExpected: number | null;
  readonly calls: number;
  readonly throttles: number;
  readonly startedAtMs: number | null;
  /** The server's clock when this was said: the browser's may be another. */
  readonly nowMs: number;
};

/** A run that is under way, beside those of other apps. */
export type LiveRun = RunProgress & { readonly id: string; readonly number: number };

/** What pages that are open ask for now and then. */
export type LiveState = {
  /** Another one when anything that such a page shows is another, the figures of a run apart. */
  readonly stamp: string;
  /** By the app's id. */
  readonly runs: Readonly<Record<string, LiveRun>>;
};

/** States from which a run goes on. */
export const isUnderWay = (state: RunProgress["state"]): boolean => state === "queued" || state === "running";
