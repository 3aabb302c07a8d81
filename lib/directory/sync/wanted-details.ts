import type { HeldDepartment } from "./plan";
import type { Seen } from "./reading/reading";

const DAY_MS = 86_400_000;
/** A run makes at most this part of the calls that only age asks for. */
const PART = 7;

type Options = { readonly detailsDays: number; readonly nowMs: number };

/**
 * Says of which departments the details are to be asked: of those that are new, renamed or moved, and of those whose
 * details are older than `detailsDays`, the oldest first and no more of these than a seventh of all.
 */
export function wantsDetails(
  held: ReadonlyMap<string, HeldDepartment>,
  { detailsDays, nowMs }: Options,
): (seen: Seen) => boolean {
  const old = oldestDetails(held, nowMs - detailsDays * DAY_MS);
  return ({ department, parentId }) => {
    const before = held.get(department.departmentId);
    if (!before || before.isRemoved || before.details === null) return true;
    return before.name !== department.name || before.parentId !== parentId || old.has(before.departmentId);
  };
}

function oldestDetails(held: ReadonlyMap<string, HeldDepartment>, beforeMs: number): ReadonlySet<string> {
  const live = [...held.values()].filter(({ isRemoved }) => !isRemoved);
  const tooOld = live.filter(({ detailsAtMs }) => (detailsAtMs ?? 0) < beforeMs);
  tooOld.sort((a, b) => (a.detailsAtMs ?? 0) - (b.detailsAtMs ?? 0));
  return new Set(tooOld.slice(0, Math.ceil(live.length / PART)).map(({ departmentId }) => departmentId));
}
