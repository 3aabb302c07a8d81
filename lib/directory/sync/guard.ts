import type { Scope } from "./read/directory-calls";
import type { ReadDirectory, Suspicion } from "./read/read-directory";

/** How much a run may remove by itself. */
export type Thresholds = {
  readonly departmentsRemovable: number;
  readonly membersRemovable: number;
  /** Of all departments, and of all members; it counts from `PERCENT_FROM` removals on. */
  readonly percentRemovable: number;
};

/** From how many removals on the percentage counts: of three departments one is a third. */
export const PERCENT_FROM = 10;

/** Why a run waits for a person, with the figures that a page says. */
export type HeldReason =
  /** What is strange about the reading; and from where the app could read before, where it is known, and can now. */
  | (Suspicion & { readonly scopeBefore: Scope | null; readonly scope: Scope })
  | {
      readonly kind: "departments_above" | "members_above";
      readonly removals: number;
      readonly of: number;
      readonly removable: number;
      readonly percentRemovable: number;
    };

export const HELD_REASON_KINDS = [
  "scope_empty",
  "answer_empty",
  "members_empty",
  "scope_shrank",
  "too_many_missing",
  "departments_above",
  "members_above",
] as const satisfies readonly HeldReason["kind"][];

/** What a plan would remove, and of how many. */
export type Removals = {
  readonly departments: number;
  readonly departmentsOf: number;
  readonly members: number;
  readonly membersOf: number;
};

type Plan = {
  readonly read: Pick<ReadDirectory, "suspicion" | "scope">;
  readonly scopeBefore: Scope | null;
  readonly removals: Removals;
};

/**
 * Says why a plan is not to be applied before a person has seen it; nothing for one that may be. What was not read
 * completely removes nothing, so there is nothing to guard.
 */
export function heldFor({ read, scopeBefore, removals }: Plan, thresholds: Thresholds): HeldReason[] {
  const { suspicion, scope } = read;
  const removes = removals.departments + removals.members > 0;
  const strange = suspicion && removes ? [{ ...suspicion, scopeBefore, scope }] : [];
  return [...strange, ...passedThresholds(removals, thresholds)];
}

const isAbove = (removals: number, of: number, removable: number, percentRemovable: number): boolean =>
  removals > removable || (removals >= PERCENT_FROM && removals * 100 > of * percentRemovable);

function passedThresholds(removals: Removals, thresholds: Thresholds): HeldReason[] {
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
