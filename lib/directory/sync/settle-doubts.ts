import { eachAtOnce } from "./each-at-once";
import { isGone, isOutOfScope, type Reading, unordered } from "./reading";

/** The organization itself, which is below nothing. */
const ROOT_ID = "1";

/**
 * Asks those that were listed under several parents where they are; they know best, since they answer last.
 *
 * @throws what a call throws
 */
export async function settleDoubts(reading: Reading): Promise<void> {
  await eachAtOnce([...reading.doubtful], reading, async ([id, listedUnder]) => {
    if (!reading.seen.has(id)) return;
    try {
      const department = await reading.calls.get(id, reading.stop.signal);
      const parentId = department.parentId ?? (id === ROOT_ID ? null : listedUnder);
      reading.seen.set(id, { department: unordered(department), parentId });
    } catch (error) {
      if (!isGone(error) && !isOutOfScope(error)) throw error;
      reading.unreadable.add(id);
    }
  });
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
