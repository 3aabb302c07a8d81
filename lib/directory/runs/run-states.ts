// Imported by the browser. No validator here: it would add a tenth to what the browser loads.

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
export const RUN_TRIGGERS = ["manual", "schedule", "first", "takeover", "retry", "event"] as const;
/** `full` reads everything, `verify` only looks for a difference, `preview` reads everything and applies nothing. */
export const RUN_MODES = ["full", "verify", "preview"] as const;
export const RUN_STAGES = ["read", "plan", "check", "write"] as const;
export const DECISIONS = ["all", "without_removals", "rejected"] as const;

export type RunStage = (typeof RUN_STAGES)[number];

export type CallsByApi = Readonly<Record<string, number>>;

export type RunCounters = {
  readonly departmentsSeen: number;
  readonly membersSeen: number;
  /** Requests to DingTalk, repeated ones included. */
  readonly calls: number;
  readonly throttles: number;
  readonly callsByApi: CallsByApi;
};

/** Progress of a run as the browser follows it. Times are milliseconds since the epoch. */
export type RunProgress = RunCounters & {
  readonly state: (typeof RUN_STATES)[number];
  readonly stage: RunStage | null;
  readonly departmentsExpected: number | null;
  readonly callsExpected: CallsByApi | null;
  readonly startedAtMs: number | null;
  /** The server's clock at the time of the answer. The browser's clock may differ. */
  readonly nowMs: number;
};

export type LiveRun = RunProgress & { readonly id: string; readonly number: number };

export type LiveState = {
  /** Changes when anything that such a page shows has changed, except the counters of a run. */
  readonly stamp: string;
  readonly runs: Readonly<Record<string, LiveRun>>;
};

export const isUnderWay = (state: RunProgress["state"]): boolean => state === "queued" || state === "running";

/** Returns whether a run in this state is held, or was held and ended without being applied. */
export const wasHeld = (state: RunProgress["state"]): boolean =>
  state === "held" || state === "superseded" || state === "rejected" || state === "expired";

/** Returns whether a run ended with a plan, applied or not. */
export const hasPlan = ({ state }: Pick<RunProgress, "state">): boolean =>
  state === "succeeded" || wasHeld(state);

const sum = (calls: CallsByApi): number => Object.values(calls).reduce((all, made) => all + made, 0);

/** Returns the share of its expected calls that a run has made, 0 to 1; `null` when none are expected. */
export function shareOfCalls({
  callsByApi,
  callsExpected,
}: Pick<RunProgress, "callsByApi" | "callsExpected">): number | null {
  const total = callsExpected === null ? 0 : sum(callsExpected);
  if (callsExpected === null || total === 0) return null;
  // Capped per API: surplus calls to one API must not hide calls that another API still needs
  const made = Object.entries(callsExpected).map(([api, calls]) => Math.min(calls, callsByApi[api] ?? 0));
  return made.reduce((all, calls) => all + calls, 0) / total;
}

/** Returns whether an app in this state can be synced. `SyncButton` explains why the others can't. */
export const canSync = <State extends string>(
  state: State,
): state is Extract<State, "verified" | "degraded"> => state === "verified" || state === "degraded";
