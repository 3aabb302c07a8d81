import { eachAtOnce } from "./each-at-once";
import { addSeen, isGone, isOutOfScope, type Reading, unordered } from "./reading";
import { walk } from "./walk";

/** The parents of the departments that we hold and that are not removed. */
export type HeldParents = ReadonlyMap<string, string | null>;

export type LookedUp = {
  /** Of which DingTalk itself says that they are not there. */
  readonly gone: ReadonlySet<string>;
  /** That exist, or may, where the app may not look. */
  readonly outOfScope: ReadonlySet<string>;
};

/**
 * Asks for each department that we hold and that the walk did not see, the highest first: one that was moved
 * while the tree was read, from a part that was still to be read into one that had been, was in no list and is
 * not gone. What is found is read with all that is below it.
 *
 * It ends at the first one that is out of the app's scope, since nothing is removed then.
 *
 * @throws as `walk`
 */
export async function lookUpMissing(reading: Reading, held: HeldParents): Promise<LookedUp> {
  const gone = new Set<string>();
  const outOfScope = new Set<string>();
  for (const level of byDepth(held, (id) => !reading.seen.has(id))) {
    const found: string[] = [];
    await eachAtOnce(level, reading, async (id) => {
      if (reading.seen.has(id) || outOfScope.size > 0) return;
      try {
        await lookUp(reading, id, found);
      } catch (error) {
        if (isGone(error)) gone.add(id);
        else if (isOutOfScope(error)) outOfScope.add(id);
        else throw error;
      }
    });
    await walk(reading, found);
    if (outOfScope.size > 0) break;
  }
  // It may have come back, under another that was found later
  for (const id of gone) if (reading.seen.has(id)) gone.delete(id);
  return { gone, outOfScope };
}

/** Reads one department and, where nobody has seen them, those above it: they are new. */
async function lookUp(reading: Reading, id: string, found: string[]): Promise<void> {
  const department = unordered(await reading.calls.get(id, reading.stop.signal));
  if (reading.seen.has(id)) return;
  const { parentId } = department;
  addSeen(reading, id, { department, parentId });
  found.push(id);
  if (parentId === null || reading.seen.has(parentId)) return;
  try {
    await lookUp(reading, parentId, found);
  } catch (error) {
    if (!isGone(error) && !isOutOfScope(error)) throw error;
  }
}

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
