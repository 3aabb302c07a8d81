import type { DepartmentDetail } from "@/lib/dingtalk/departments";
import { type HeldParents, leftOut } from "./chosen";
import { askDetail } from "./read-details";
import { isGone, isOutOfScope, isRefused, type Reading, toSeen } from "./reading";
import { meet } from "./walk";

/** What became of departments that we hold and that the walk did not see. */
export type Missing = {
  /** Of which DingTalk itself says that they are not there. */
  readonly gone: Set<string>;
  /** Where the app may not look, with all that we hold below them. */
  readonly outOfScope: Set<string>;
  /** Left out by choice. */
  readonly excluded: Set<string>;
  /** Too many to be asked for. */
  readonly unproven: Set<string>;
};

/** Some minutes at DingTalk's rate; that many are never missing but for a reason that a person has to see. */
export const LOOK_UPS_MAX = 2_000;

/**
 * Asks for each department that we hold and that the walk did not see, the highest first: one that was moved
 * while the tree was read, from a part that was still to be read into one that had been, was in no list and is
 * not gone. What is found is read with all that is below it.
 *
 * @throws as `walk`
 */
export async function lookUpMissing(reading: Reading, held: HeldParents): Promise<Missing> {
  const { task, seen, lanes } = reading;
  const excluded = new Set(leftOut(held, task));
  const missing: Missing = { gone: new Set(), outOfScope: new Set(), excluded, unproven: new Set() };
  let left = task.lookUpsMax ?? LOOK_UPS_MAX;
  for (const level of byDepth(held, (id) => !seen.has(id) && !excluded.has(id))) {
    const asked: string[] = [];
    for (const id of level) {
      if (seen.has(id)) continue;
      // What is below one that the app may not read is where it is, for all that can be known
      if (missing.outOfScope.has(held.get(id) ?? "")) missing.outOfScope.add(id);
      else if (asked.length < left) asked.push(id);
      else missing.unproven.add(id);
    }
    left -= asked.length;
    await lanes.each("get", asked, (id) => lookUp(reading, id, missing));
  }
  // It may have come back, under another that was found later
  for (const ids of Object.values(missing)) for (const id of ids) if (seen.has(id)) ids.delete(id);
  return missing;
}

async function lookUp(reading: Reading, id: string, missing: Missing): Promise<void> {
  if (reading.seen.has(id)) return;
  try {
    const line = await lineOf(reading, id);
    if (line === null) missing.excluded.add(id);
    for (const detail of line ?? []) meetDetail(reading, detail);
  } catch (error) {
    if (isGone(error)) missing.gone.add(id);
    else if (isOutOfScope(error)) missing.outOfScope.add(id);
    else throw error;
  }
}

/**
 * Reads one department and, where nobody has seen them, those above it: they are new.
 *
 * @returns them from the highest down; `null` when they are below one that is left out
 */
export async function lineOf(reading: Reading, id: string): Promise<DepartmentDetail[] | null> {
  const { seen, task } = reading;
  const line = new Map<string, DepartmentDetail>();
  let at: string | null = id;
  while (at !== null && !seen.has(at) && !line.has(at)) {
    if (task.exclude.has(at)) return null;
    const above = await askAbove(reading, at, at === id);
    if (above === null) break;
    line.set(at, above);
    at = above.parentId;
  }
  const isBelowChosen = task.include.length === 0 || (at !== null && seen.has(at));
  return isBelowChosen ? [...line.values()].reverse() : null;
}

/** @param isAsked whether it is the one that was asked for, whose refusal is an answer */
async function askAbove(reading: Reading, id: string, isAsked: boolean): Promise<DepartmentDetail | null> {
  try {
    return await askDetail(reading, id);
  } catch (error) {
    if (isAsked || !isRefused(error)) throw error;
    return null;
  }
}

export function meetDetail(reading: Reading, detail: DepartmentDetail): void {
  const { departmentId: id, parentId, details } = detail;
  if (reading.seen.has(id)) return;
  meet(reading, id, toSeen(placed(reading, detail), parentId, details));
}

/** Its place among its siblings is worth something only where all of them tell theirs. */
export const placed = ({ task }: Reading, detail: DepartmentDetail): DepartmentDetail =>
  task.wantsDetails === null ? { ...detail, order: null } : detail;

/** The departments that are wanted, by how deep they are in what we hold. */
function byDepth(held: HeldParents, isWanted: (id: string) => boolean): string[][] {
  const depths = new Map<string, number>();
  const depthOf = (id: string): number => {
    const line: string[] = [];
    let at: string | null = id;
    while (at !== null && !depths.has(at) && held.has(at)) {
      line.push(at);
      // Known before its parent is, so that a circle ends
      depths.set(at, 0);
      at = held.get(at) ?? null;
    }
    let depth = at === null ? -1 : (depths.get(at) ?? -1);
    for (const each of line.reverse()) depths.set(each, (depth += 1));
    return depth;
  };
  const levels: string[][] = [];
  for (const id of held.keys()) {
    if (!isWanted(id)) continue;
    (levels[depths.get(id) ?? depthOf(id)] ??= []).push(id);
  }
  return levels.filter((level) => level !== undefined);
}
