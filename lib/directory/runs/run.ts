import type { SyncRunModel } from "@/prisma/generated/models";
import type { Difference, HeldReason, RunError } from "./run-reasons";
import type { CallsByApi, DECISIONS, RunProgress, RunStage } from "./run-states";

export type Run = Omit<
  RunRow,
  "stage" | "error" | "callsByApi" | "leastCalls" | "strategy" | "heldFor" | "difference" | "decision"
> & {
  readonly stage: RunStage | null;
  /** Why the run failed or, for a succeeded run with `isComplete` false, why it removed nothing. */
  readonly error: RunError | null;
  readonly callsByApi: CallsByApi;
  /** Number of calls that a read of this directory needs without repeats, by API; `null` when unknown. */
  readonly leastCalls: CallsByApi | null;
  /** `levels`: read by `department/listsub`. `whole`: read by one `department/list`. */
  readonly strategy: "levels" | "whole" | null;
  readonly heldFor: readonly HeldReason[] | null;
  readonly difference: Difference | null;
  readonly decision: Decision | null;
};

export type Decision = (typeof DECISIONS)[number];

export const RUN_COLUMNS = {
  id: true,
  appId: true,
  number: true,
  state: true,
  trigger: true,
  startedBy: true,
  startedByKey: true,
  resumesRunId: true,
  queuedAt: true,
  startedAt: true,
  finishedAt: true,
  retryAt: true,
  stage: true,
  mode: true,
  departmentsSeen: true,
  membersSeen: true,
  calls: true,
  throttles: true,
  callsByApi: true,
  leastCalls: true,
  strategy: true,
  added: true,
  changed: true,
  moved: true,
  removed: true,
  unchanged: true,
  membersAdded: true,
  membersChanged: true,
  membersMoved: true,
  membersRemoved: true,
  membersUnchanged: true,
  isComplete: true,
  error: true,
  heldFor: true,
  heldUntil: true,
  difference: true,
  decision: true,
  decidedAt: true,
  decidedBy: true,
  decidedByKey: true,
  decisionReason: true,
  supersededById: true,
  revision: true,
  missedEvents: true,
} as const;

export type RunRow = Omit<SyncRunModel, "organizationId" | "walkId">;

export const toRun = (row: RunRow): Run => ({
  ...row,
  // Only this folder and lib/directory/sync write these JSON columns
  stage: row.stage as RunStage | null,
  error: row.error as RunError | null,
  callsByApi: row.callsByApi as Run["callsByApi"],
  leastCalls: row.leastCalls as Run["leastCalls"],
  strategy: row.strategy as Run["strategy"],
  heldFor: row.heldFor as Run["heldFor"],
  difference: row.difference as Run["difference"],
  decision: row.decision as Run["decision"],
});

type FollowedRun = Omit<RunProgress, "nowMs" | "startedAtMs"> & { readonly startedAt: Date | null };

export const toProgress = (run: FollowedRun, nowMs: number = Date.now()): RunProgress => ({
  state: run.state,
  stage: run.stage,
  departmentsSeen: run.departmentsSeen,
  departmentsExpected: run.departmentsExpected,
  membersSeen: run.membersSeen,
  calls: run.calls,
  callsByApi: run.callsByApi,
  callsExpected: run.callsExpected,
  throttles: run.throttles,
  startedAtMs: run.startedAt?.getTime() ?? null,
  nowMs,
});
