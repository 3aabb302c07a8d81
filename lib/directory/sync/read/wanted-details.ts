import type { StoredDepartment } from "../directory-store";
import type { ReadDepartment } from "./department-tree";

const DAY_MS = 86_400_000;

type Options = { readonly detailsDays: number; readonly now: Date };
type Stored = ReadonlyMap<string, StoredDepartment>;

/** Decides whether to read details: those of new, renamed and moved departments, and those that are due by age. */
export function wantsDetails(stored: Stored, options: Options): (read: ReadDepartment) => boolean {
  const due = dueDetails(stored, options);
  // Keeps two fields only, because a long walk holds this map in memory
  const fresh = new Map<string, Pick<StoredDepartment, "name" | "parentId">>();
  for (const [id, { name, parentId, isRemoved, details }] of stored)
    if (!isRemoved && details !== null && !due.has(id)) fresh.set(id, { name, parentId });
  return ({ department, parentId }) => {
    const before = fresh.get(department.departmentId);
    return before === undefined || before.name !== department.name || before.parentId !== parentId;
  };
}

/** Returns the departments whose details are due, oldest first, at most a `detailsDays`th, which spreads the reads. */
function dueDetails(stored: Stored, { detailsDays, now }: Options): ReadonlySet<string> {
  const all = [...stored.values()].filter(({ isRemoved, detailsAtMs }) => !isRemoved && detailsAtMs !== null);
  const ageOf = ({ detailsAtMs }: StoredDepartment) => now.getTime() - (detailsAtMs ?? 0);
  const old = all.filter((each) => ageOf(each) >= detailsDays * DAY_MS);
  old.sort((a, b) => ageOf(b) - ageOf(a));
  return new Set(old.slice(0, Math.ceil(all.length / detailsDays)).map(({ departmentId }) => departmentId));
}
