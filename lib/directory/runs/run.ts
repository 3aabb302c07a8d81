import type { SyncRunModel } from "@/prisma/generated/models";
import type { HeldReason } from "../sync/guard";
import type { Difference } from "../sync/read/verify-directory";
import type { RunError, RunStage } from "./run-reasons";
import type { CallsByApi, DECISIONS } from "./run-states";

/** A sync as pages show it. */
export type Run = Omit<
  RunRow,
  "stage" | "error" | "callsByApi" | "leastCalls" | "strategy" | "heldFor" | "difference" | "decision"
> & {
  /** What it is doing while it runs. */
  readonly stage: RunStage | null;
  /** Why it failed or, with `isComplete` false in one that succeeded, why it removed nothing. */
  readonly error: RunError | null;
  readonly callsByApi: CallsByApi;
  /** How many calls a walk of this directory takes at least, by API; `null` where nobody could say. */
  readonly leastCalls: CallsByApi | null;
  /** By `department/listsub`, or by one `department/list`. */
  readonly strategy: "levels" | "whole" | null;
  /** Why it waits for a person, or waited. */
  readonly heldFor: readonly HeldReason[] | null;
  /** What a verifying run found, for which it went on to read everything. */
  readonly difference: Difference | null;
  readonly decision: Decision | null;
};

/** What was decided about a held run. */
export type Decision = (typeof DECISIONS)[number];

/** The columns of `Run`. */
export const SHOWN = {
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
} as const;

/** A run as the database has it. */
export type RunRow = Omit<SyncRunModel, "organizationId" | "walkId">;

export const toRun = (row: RunRow): Run => ({
  ...row,
  // All are written by the modules beside this one only, each in one place.
  stage: row.stage as RunStage | null,
  error: row.error as RunError | null,
  callsByApi: row.callsByApi as Run["callsByApi"],
  leastCalls: row.leastCalls as Run["leastCalls"],
  strategy: row.strategy as Run["strategy"],
  heldFor: row.heldFor as Run["heldFor"],
  difference: row.difference as Run["difference"],
  decision: row.decision as Run["decision"],
});
