import { lineOf, meetDetail, placed } from "./look-up-missing";
import { askDetail } from "./read-details";
import { forget, isRefused, noteRefusal, type Reading, toSeen } from "./reading";

/** The organization itself, which is below nothing. */
const ROOT_ID = "1";

/** A directory that is turned over again and again while it is read is taken as it is then. */
const ROUNDS_MAX = 3;

/**
 * Asks those that were told to be under several parents where they are; they know best, since they answer last. One
 * that is under a department that nobody saw, since it is new, has that one read too.
 *
 * @throws as `walk`
 */
export async function settleDoubts(reading: Reading): Promise<void> {
  const lookedFor = new Set<string>();
  for (let round = 0; round < ROUNDS_MAX; round += 1) {
    await reading.lanes.each("get", [...reading.doubtful.keys()], (id) => settle(reading, id));
    const strangers = parentsUnseen(reading).filter((id) => !lookedFor.has(id));
    await reading.lanes.each("get", strangers, (id) => findParent(reading, id));
    for (const id of strangers) lookedFor.add(id);
    if (reading.doubtful.size === 0) return;
  }
}

async function settle(reading: Reading, id: string): Promise<void> {
  const listedUnder = reading.doubtful.get(id) ?? null;
  reading.doubtful.delete(id);
  if (!reading.seen.has(id)) return;
  try {
    const detail = await askDetail(reading, id);
    const parentId = detail.parentId ?? (id === ROOT_ID ? null : listedUnder);
    reading.seen.set(id, toSeen(placed(reading, detail), parentId, detail.details));
  } catch (error) {
    if (!isRefused(error)) throw error;
    noteRefusal(reading, "departments", error);
    reading.unreadable.add(id);
  }
}

/** Parents that were named and not seen, but for those of the roots, which are out of the app's sight. */
function parentsUnseen({ seen, roots, doubtful }: Reading): string[] {
  const unseen = new Set<string>();
  for (const [id, { parentId }] of seen) {
    if (parentId !== null && !seen.has(parentId) && !roots.includes(id) && !doubtful.has(id)) {
      unseen.add(parentId);
    }
  }
  return [...unseen];
}

async function findParent(reading: Reading, id: string): Promise<void> {
  try {
    const line = await lineOf(reading, id);
    for (const detail of line ?? []) meetDetail(reading, detail);
    if (line !== null) return;
    // Moved to below one that is left out
    for (const [child, { parentId }] of reading.seen) if (parentId === id) forget(reading, child);
  } catch (error) {
    // It stays where it was told to be, under one that the app may not read
    if (!isRefused(error)) throw error;
  }
}

/**
 * Makes a tree of what was seen: where departments are below themselves, one of each circle is put below
 * nothing.
 *
 * @returns how many circles there were
 */
export function cutCircles(reading: Reading): number {
  const isSafe = new Set<string>();
  let circles = 0;
  for (const start of reading.seen.keys()) {
    const line = new Set<string>();
    let at: string | null = start;
    while (at !== null && !isSafe.has(at) && !line.has(at)) {
      line.add(at);
      at = reading.seen.get(at)?.parentId ?? null;
    }
    if (at !== null && line.has(at)) {
      circles += 1;
      const seen = reading.seen.get(at);
      if (seen) reading.seen.set(at, { ...seen, parentId: null });
    }
    for (const id of line) isSafe.add(id);
  }
  return circles;
}
