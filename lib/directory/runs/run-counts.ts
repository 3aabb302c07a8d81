import type { Run } from "./run";

export type PlanCounts = {
  /** New ones, and removed ones that returned. */
  readonly added: number;
  readonly changed: number;
  /** In another department than before, no matter what else changed. */
  readonly moved: number;
  readonly removed: number;
  readonly unchanged: number;
};

export type MemberCounts = PlanCounts & { readonly seen: number };

export type RunCounts = { readonly departments: PlanCounts; readonly members: MemberCounts };

const NO_CHANGES: PlanCounts = { added: 0, changed: 0, moved: 0, removed: 0, unchanged: 0 };
export const ZERO_COUNTS: RunCounts = { departments: NO_CHANGES, members: { ...NO_CHANGES, seen: 0 } };

export const countsOf = (run: Run, of: "departments" | "members"): PlanCounts =>
  of === "departments"
    ? run
    : {
        added: run.membersAdded,
        changed: run.membersChanged,
        moved: run.membersMoved,
        removed: run.membersRemoved,
        unchanged: run.membersUnchanged,
      };
