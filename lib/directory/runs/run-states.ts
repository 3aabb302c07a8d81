import type { RunStage } from "./run-reasons";

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
export const RUN_TRIGGERS = ["manual", "schedule", "first", "takeover", "retry"] as const;
/** Everything is read; it is only looked whether something differs; everything is read and nothing applied. */
export const RUN_MODES = ["full", "verify", "preview"] as const;

/** How many calls were made, by DingTalk's route. */
export type CallsByApi = Readonly<Record<string, number>>;

/** What can be decided about a held run. */
export const DECISIONS = ["all", "without_removals", "rejected"] as const;

/** What the browser follows of a run while it is under way. Times are milliseconds since the epoch. */
export type RunProgress = {
  readonly state: (typeof RUN_STATES)[number];
  readonly stage: RunStage | null;
  readonly departmentsSeen: number;
  readonly departmentsExpected: number | null;
  readonly membersSeen: number;
  readonly calls: number;
  readonly callsByApi: CallsByApi;
  /** What the last complete run of its kind made; `null` where nobody can say. */
  readonly callsExpected: CallsByApi | null;
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

/** What came of its plan waits for a person, or was decided, replaced, or left for too long. */
export const wasHeld = (state: RunProgress["state"]): boolean =>
  state === "held" || state === "superseded" || state === "rejected" || state === "expired";

/** It ended with a plan, applied or not. */
export const hasPlan = ({ state }: Pick<RunProgress, "state">): boolean =>
  state === "succeeded" || wasHeld(state);

const sum = (calls: CallsByApi): number => Object.values(calls).reduce((all, made) => all + made, 0);

/** How much of its calls a run has made; `null` where nobody knows how many there will be. */
export function shareOfCalls({
  callsByApi,
  callsExpected,
}: Pick<RunProgress, "callsByApi" | "callsExpected">): number | null {
  const total = callsExpected === null ? 0 : sum(callsExpected);
  if (callsExpected === null || total === 0) return null;
  // More calls to one API say nothing about those to another
  const made = Object.entries(callsExpected).map(([api, calls]) => Math.min(calls, callsByApi[api] ?? 0));
  return made.reduce((all, calls) => all + calls, 0) / total;
}
