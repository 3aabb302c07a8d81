import type { RunCounts } from "../runs/run-counts";
import type { HeldReason, Scope } from "../runs/run-reasons";
import type { DirectoryStore, StoredDirectory } from "./directory-store";
import type { ReadDirectory } from "./read/read-directory";

export type Thresholds = {
  readonly departmentsRemovable: number;
  readonly membersRemovable: number;
  /** Percentage of all departments, and of all members. Applies from `PERCENT_FROM` removals on. */
  readonly percentRemovable: number;
};

/** The percentage doesn't apply below this number of removals: one of three departments is a third. */
export const PERCENT_FROM = 10;

export type Removals = {
  readonly departments: number;
  readonly departmentsOf: number;
  readonly members: number;
  readonly membersOf: number;
};

export async function guardRun(
  store: Pick<DirectoryStore, "countRows">,
  { read, counts }: { readonly read: ReadDirectory; readonly counts: RunCounts },
  before: StoredDirectory,
): Promise<HeldReason[]> {
  const { departments, members } = await store.countRows();
  const removals = {
    departments: counts.departments.removed,
    departmentsOf: departments,
    members: counts.members.removed,
    membersOf: members,
  };
  return reasonsToHold({ read, scopeBefore: before.scope, removals }, before.settings);
}

type Plan = {
  readonly read: Pick<ReadDirectory, "suspicion" | "scope">;
  readonly scopeBefore: Scope | null;
  readonly removals: Removals;
};

export function reasonsToHold({ read, scopeBefore, removals }: Plan, thresholds: Thresholds): HeldReason[] {
  const { suspicion, scope } = read;
  const removes = removals.departments + removals.members > 0;
  const suspicious = suspicion && removes ? [{ ...suspicion, scopeBefore, scope }] : [];
  return [...suspicious, ...passedThresholds(removals, thresholds)];
}

const isAbove = (removals: number, of: number, removable: number, percentRemovable: number): boolean =>
  removals > removable || (removals >= PERCENT_FROM && removals * 100 > of * percentRemovable);

/** Returns the thresholds that a number of removals exceeds. */
export function passedThresholds(removals: Removals, thresholds: Thresholds): HeldReason[] {
  const { percentRemovable } = thresholds;
  const counted = [
    {
      kind: "departments_above" as const,
      removals: removals.departments,
      of: removals.departmentsOf,
      removable: thresholds.departmentsRemovable,
    },
    {
      kind: "members_above" as const,
      removals: removals.members,
      of: removals.membersOf,
      removable: thresholds.membersRemovable,
    },
  ];
  return counted
    .filter((each) => isAbove(each.removals, each.of, each.removable, percentRemovable))
    .map((each) => ({ ...each, percentRemovable }));
}
