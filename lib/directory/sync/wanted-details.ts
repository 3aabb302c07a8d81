import type { HeldDepartment } from "./plan";
import { dueDetails } from "./reading/due-details";
import type { Seen } from "./reading/reading";

type Options = { readonly detailsDays: number; readonly now: Date };

/**
 * Says of which departments the details are to be asked: of those that are new, renamed or moved, and of those whose
 * details are due by their age.
 */
export function wantsDetails(
  held: ReadonlyMap<string, HeldDepartment>,
  { detailsDays, now }: Options,
): (seen: Seen) => boolean {
  const readAt = [...held.values()].flatMap(({ departmentId, detailsAtMs, isRemoved }) =>
    isRemoved || detailsAtMs === null ? [] : [[departmentId, new Date(detailsAtMs)] as const],
  );
  const due = dueDetails({ readAt, now, maxAgeDays: detailsDays });
  return ({ department, parentId }) => {
    const before = held.get(department.departmentId);
    if (!before || before.isRemoved || before.details === null) return true;
    return before.name !== department.name || before.parentId !== parentId || due.has(before.departmentId);
  };
}
