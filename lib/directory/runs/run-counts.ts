import type { PlanCounts } from "../sync/plan/diff-departments";
import type { Run } from "./queries";

/** What a run counted of departments, or of members. */
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
