import type { DepartmentDetail } from "@/lib/dingtalk/departments";
import type { StoredParents } from "../directory-store";
import { isGone, isOutOfScope, isRefused } from "./directory-calls";
import { LOOK_UPS_MAX } from "./read-members";
import type { ReadState, ReadTask } from "./read-state";
import { discoverDetail, fromDetail, rereadDetail } from "./walk-departments";

export type MissingDepartments = {
  readonly gone: Set<string>;
  /** The app may not read them, nor anything stored below them. */
  readonly outOfScope: Set<string>;
  readonly excluded: Set<string>;
  /** Not looked up, because they are too many. */
  readonly unproven: Set<string>;
};

export const noMissingDepartments = (): MissingDepartments => ({
  gone: new Set(),
  outOfScope: new Set(),
  excluded: new Set(),
  unproven: new Set(),
});

/**
 * Looks up each stored department that the walk has not read, top down, because a department that was moved during the
 * walk is in no list and is not gone. Found departments are read with everything below them.
 * @throws as `walk`
 */
export async function lookUpMissing(state: ReadState, stored: StoredParents): Promise<MissingDepartments> {
  const { task, tree, queues } = state;
  const excluded = new Set(findExcluded(stored, task));
  const missing = { ...noMissingDepartments(), excluded };
  let left = task.lookUpsMax ?? LOOK_UPS_MAX;
  for (const level of groupByDepth(stored, (id) => !tree.has(id) && !excluded.has(id))) {
    const requested: string[] = [];
    for (const id of level) {
      if (tree.has(id)) continue;
      // DingTalk can't tell anything about departments below one that the app may not read
      if (missing.outOfScope.has(stored.get(id) ?? "")) missing.outOfScope.add(id);
      else if (requested.length < left) requested.push(id);
      else missing.unproven.add(id);
    }
    left -= requested.length;
    await queues.each("get", requested, (id) => lookUp(state, id, missing));
  }
  // A department may have been found later, below another one
  for (const ids of Object.values(missing)) for (const id of ids) if (tree.has(id)) ids.delete(id);
  return missing;
}

async function lookUp(state: ReadState, id: string, missing: MissingDepartments): Promise<void> {
  if (state.tree.has(id)) return;
  try {
    const path = await readPathTo(state, id);
    if (path === null) missing.excluded.add(id);
    for (const detail of path ?? []) discoverDetail(state, detail);
  } catch (error) {
    if (isGone(error)) missing.gone.add(id);
    else if (isOutOfScope(error)) missing.outOfScope.add(id);
    else throw error;
  }
}

/** Reads a department and its unread ancestors. @returns the highest first; `null` when an ancestor is excluded */
async function readPathTo(state: ReadState, id: string): Promise<DepartmentDetail[] | null> {
  const { tree, task } = state;
  const path = new Map<string, DepartmentDetail>();
  let at: string | null = id;
  while (at !== null && !tree.has(at) && !path.has(at)) {
    if (task.exclude.has(at)) return null;
    const detail = await readAncestor(state, at, at === id);
    if (detail === null) break;
    path.set(at, detail);
    at = detail.parentId;
  }
  const isBelowChosen = task.include.length === 0 || (at !== null && tree.has(at));
  return isBelowChosen ? [...path.values()].reverse() : null;
}

/** Returns `null` for a refused ancestor. @throws the refusal of the department itself */
async function readAncestor(
  state: ReadState,
  id: string,
  isItself: boolean,
): Promise<DepartmentDetail | null> {
  try {
    return await rereadDetail(state, id);
  } catch (error) {
    if (isItself || !isRefused(error)) throw error;
    return null;
  }
}

function groupByDepth(stored: StoredParents, isWanted: (id: string) => boolean): string[][] {
  const depths = new Map<string, number>();
  const depthOf = (id: string): number => {
    const path: string[] = [];
    let at: string | null = id;
    while (at !== null && !depths.has(at) && stored.has(at)) {
      path.push(at);
      // Set before the parent's depth is known, so that a cycle ends
      depths.set(at, 0);
      at = stored.get(at) ?? null;
    }
    let depth = at === null ? -1 : (depths.get(at) ?? -1);
    for (const each of path.reverse()) depths.set(each, (depth += 1));
    return depth;
  };
  const levels: string[][] = [];
  for (const id of stored.keys()) {
    if (!isWanted(id)) continue;
    (levels[depths.get(id) ?? depthOf(id)] ??= []).push(id);
  }
  return levels.filter((level) => level !== undefined);
}

/** Returns the stored departments that the settings exclude: below an excluded one, or outside of the included ones. */
export function findExcluded(
  stored: StoredParents,
  { include, exclude }: Pick<ReadTask, "include" | "exclude">,
): ReadonlySet<string> {
  const excluded = new Set<string>();
  if (include.length === 0 && exclude.size === 0) return excluded;
  const verdicts = new Map<string, boolean>();
  for (const id of include) verdicts.set(id, false);
  for (const id of exclude) verdicts.set(id, true);
  for (const id of stored.keys()) {
    const path: string[] = [];
    let at: string | null = id;
    // Set before the parent's verdict is known, so that a cycle ends
    for (; at !== null && !verdicts.has(at); at = stored.get(at) ?? null) {
      path.push(at);
      verdicts.set(at, include.length > 0);
    }
    const verdict = at === null ? include.length > 0 : (verdicts.get(at) ?? false);
    for (const each of path) verdicts.set(each, verdict);
    if (verdicts.get(id)) excluded.add(id);
  }
  return excluded;
}

const ROOT_ID = "1";

/** A directory that keeps changing during the read is taken as it is after this many rounds. */
const ROUNDS_MAX = 3;

/** Reads departments again that were listed under several parents: `department/get` is newer than the lists. */
export async function resolveParentConflicts(state: ReadState): Promise<void> {
  const { tree, queues, roots } = state;
  const lookedUp = new Set<string>();
  for (let round = 0; round < ROUNDS_MAX; round += 1) {
    await queues.each("get", [...tree.conflicts.keys()], (id) => readParentOf(state, id));
    const unread = tree.unreadParents(roots).filter((id) => !lookedUp.has(id));
    await queues.each("get", unread, (id) => readNewParent(state, id));
    for (const id of unread) lookedUp.add(id);
    if (tree.conflicts.size === 0) return;
  }
}

async function readParentOf(state: ReadState, id: string): Promise<void> {
  const { tree, refusals } = state;
  const listedUnder = tree.conflicts.get(id) ?? null;
  tree.conflicts.delete(id);
  if (!tree.has(id)) return;
  try {
    const detail = await rereadDetail(state, id);
    const parentId = detail.parentId ?? (id === ROOT_ID ? null : listedUnder);
    tree.departments.set(id, fromDetail(state, detail, parentId));
  } catch (error) {
    if (!isRefused(error)) throw error;
    refusals.record("departments", error);
    refusals.unreadable.add(id);
  }
}

async function readNewParent(state: ReadState, id: string): Promise<void> {
  try {
    const path = await readPathTo(state, id);
    for (const detail of path ?? []) discoverDetail(state, detail);
    if (path !== null) return;
    // The children were moved below an excluded department
    for (const [child, { parentId }] of state.tree.departments) {
      if (parentId === id) state.tree.removeSubtree(child);
    }
  } catch (error) {
    // The children stay below a parent that the app may not read
    if (!isRefused(error)) throw error;
  }
}
