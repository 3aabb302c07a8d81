import type { HeldDepartment } from "../plan/diff-departments";
import type { Seen } from "./reading";

const DAY_MS = 86_400_000;

type Options = { readonly detailsDays: number; readonly now: Date };
type Held = ReadonlyMap<string, HeldDepartment>;

/**
 * Says of which departments the details are to be asked: of those that are new, renamed or moved, and of those whose
 * details are due by their age.
 */
export function wantsDetails(held: Held, options: Options): (seen: Seen) => boolean {
  const due = dueDetails(held, options);
  // All that a long walk has to keep of what is held
  const fresh = new Map<string, Pick<HeldDepartment, "name" | "parentId">>();
  for (const [id, { name, parentId, isRemoved, details }] of held)
    if (!isRemoved && details !== null && !due.has(id)) fresh.set(id, { name, parentId });
  return ({ department, parentId }) => {
    const before = fresh.get(department.departmentId);
    return before === undefined || before.name !== department.name || before.parentId !== parentId;
  };
}

/**
 * The departments whose details are too old, the oldest first, and no more of them in one run than would have all of
 * them read anew in as many runs as they may be days old: so they don't all get old on one day again.
 */
function dueDetails(held: Held, { detailsDays, now }: Options): ReadonlySet<string> {
  const all = [...held.values()].filter(({ isRemoved, detailsAtMs }) => !isRemoved && detailsAtMs !== null);
  const ageOf = ({ detailsAtMs }: HeldDepartment) => now.getTime() - (detailsAtMs ?? 0);
  const old = all.filter((each) => ageOf(each) >= detailsDays * DAY_MS);
  old.sort((a, b) => ageOf(b) - ageOf(a));
  return new Set(old.slice(0, Math.ceil(all.length / detailsDays)).map(({ departmentId }) => departmentId));
}
