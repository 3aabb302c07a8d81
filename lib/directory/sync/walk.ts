import type { Department } from "@/lib/dingtalk/departments";
import { eachAtOnce } from "./each-at-once";
import { addSeen, forget, isGone, isOutOfScope, type Reading, requireSameScope } from "./reading";

const isRefused = (error: unknown): boolean => isGone(error) || isOutOfScope(error);

/**
 * Reads the departments from which on the app may read: a list never has the one it was asked for.
 *
 * @returns those that could be read
 * @throws {ScopeChanged} · the refusal, when all of them are refused · what a call throws
 */
export async function readRoots(reading: Reading): Promise<string[]> {
  const readable: string[] = [];
  let refusal: unknown;
  await eachAtOnce(reading.roots, reading, async (id) => {
    try {
      const department = await reading.calls.get(id, reading.stop.signal);
      addSeen(reading, id, { department, parentId: department.parentId });
      readable.push(id);
    } catch (error) {
      if (!isRefused(error)) throw error;
      refusal = error;
      await requireSameScope(reading);
      // Granted and not there: the others can be read all the same
      reading.unreadable.add(id);
    }
  });
  if (readable.length === 0) throw refusal;
  return readable;
}

/**
 * Reads all that is below `from`, level by level.
 *
 * @throws {ScopeChanged} · {SyncFailure} as `addSeen` · what a call throws
 */
export async function walk(reading: Reading, from: readonly string[]): Promise<void> {
  for (let level = from; level.length > 0; ) {
    const below: string[] = [];
    await eachAtOnce(level, reading, async (id) => {
      // It may have been found gone since it was listed
      if (reading.seen.has(id)) below.push(...(await expand(reading, id)));
    });
    level = below;
  }
}

/** @returns what nobody had seen before */
async function expand(reading: Reading, id: string): Promise<string[]> {
  try {
    return note(reading, id, await list(reading, id));
  } catch (error) {
    if (!isRefused(error)) throw error;
    return afterRefusal(reading, id);
  }
}

/**
 * A department was listed and is refused now. Its parent is listed again: one that is not there any more was
 * deleted or moved in the meantime; one that still is gets a second chance.
 */
async function afterRefusal(reading: Reading, id: string): Promise<string[]> {
  await requireSameScope(reading);
  const parentId = reading.seen.get(id)?.parentId ?? null;
  if (parentId === null || reading.roots.includes(id) || !reading.seen.has(parentId)) {
    reading.unreadable.add(id);
    return [];
  }
  const siblings = await listUnlessRefused(reading, parentId);
  if (siblings === null) {
    const found = await afterRefusal(reading, parentId);
    if (reading.seen.has(parentId)) reading.unreadable.add(id);
    else forget(reading, id);
    return found;
  }
  const found = note(reading, parentId, siblings);
  if (!siblings.some(({ departmentId }) => departmentId === id)) {
    forget(reading, id);
    return found;
  }
  const children = await listUnlessRefused(reading, id);
  if (children === null) reading.unreadable.add(id);
  return children === null ? found : [...found, ...note(reading, id, children)];
}

const list = (reading: Reading, id: string): Promise<readonly Department[]> =>
  reading.calls.listSub(id, reading.stop.signal);

async function listUnlessRefused(reading: Reading, id: string): Promise<readonly Department[] | null> {
  try {
    return await list(reading, id);
  } catch (error) {
    if (!isRefused(error)) throw error;
    return null;
  }
}

/** Takes down what is directly below a department. @returns the ids that are new */
function note(reading: Reading, parentId: string, children: readonly Department[]): string[] {
  const found: string[] = [];
  for (const department of children) {
    const id = department.departmentId;
    const known = reading.seen.get(id);
    if (known === undefined) {
      addSeen(reading, id, { department, parentId });
      found.push(id);
    } else if (known.parentId !== parentId) {
      // Moved from one list to another between two calls, or a tree that is none
      reading.doubtful.set(id, parentId);
    }
  }
  return found;
}
