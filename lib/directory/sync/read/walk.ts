import type { Department } from "@/lib/dingtalk/departments";
import { attachDetails, getDetail } from "./read-details";
import {
  addSeen,
  countLeast,
  forget,
  isRefused,
  noteRefusal,
  type Reading,
  requireSameScope,
  type Seen,
  toSeen,
} from "./reading";

/**
 * Reads the departments from which on the app may read: a list never has the one it was asked for.
 *
 * @returns those that could be read
 * @throws {ScopeChanged} · the refusal, when all of them are refused · what a call throws
 */
export async function readRoots(reading: Reading): Promise<string[]> {
  const readable: string[] = [];
  let refusal: unknown;
  await reading.lanes.each("get", reading.roots, async (id) => {
    try {
      const detail = reading.known.details.get(id) ?? (await getDetail(reading, id));
      addSeen(reading, id, toSeen(detail, detail.parentId, detail.details));
      readable.push(id);
    } catch (error) {
      if (!isRefused(error)) throw error;
      refusal = error;
      noteRefusal(reading, "departments", error);
      await requireSameScope(reading);
      // Granted and not there: the others can be read all the same
      reading.unreadable.add(id);
    }
  });
  if (readable.length === 0 && refusal !== undefined) throw refusal;
  return readable;
}

/**
 * Reads all that is below `roots`, their members and the details that are wanted, side by side.
 *
 * @throws {ScopeChanged} · {SyncFailure} as `addSeen` · what a call throws
 */
export function walk(reading: Reading, roots: readonly string[]): Promise<void> {
  for (const id of roots) readAllOf(reading, id);
  return reading.lanes.done();
}

/** Takes down a department that nobody had seen, and has all of it read. @throws {SyncFailure} as `addSeen` */
export function meet(reading: Reading, id: string, seen: Seen): void {
  addSeen(reading, id, seen);
  readAllOf(reading, id);
}

function readAllOf(reading: Reading, id: string): void {
  const { lanes, seen, task, known } = reading;
  lanes.add("listSub", id);
  if (task.checkpoint !== null && !reading.membersNotPermitted) lanes.add("listMembers", id);
  const met = seen.get(id);
  if (task.wantsDetails === null || met === undefined || met.details !== null) return;
  const detail = known.details.get(id);
  if (detail !== undefined) attachDetails(reading, detail);
  else if (task.wantsDetails(met)) lanes.add("get", id);
}

/** Reads what is directly below a department. */
export async function expand(reading: Reading, id: string): Promise<void> {
  // It may have been found gone since it was listed
  if (!reading.seen.has(id)) return;
  try {
    note(reading, id, await childrenOf(reading, id));
  } catch (error) {
    if (!isRefused(error)) throw error;
    noteRefusal(reading, "departments", error);
    await afterRefusal(reading, id);
  }
}

function childrenOf(reading: Reading, id: string): readonly Department[] | Promise<readonly Department[]> {
  const { lists } = reading.known;
  const known = lists.get(id);
  if (known === undefined) {
    countLeast(reading, "listSub");
    return list(reading, id);
  }
  lists.delete(id);
  return known;
}

/**
 * A department was listed and is refused now. Its parent is listed again: one that is not there any more was
 * deleted or moved in the meantime; one that still is gets a second chance. Afterwards it was seen or it was not.
 *
 * @throws {ScopeChanged} · what a call throws
 */
export function afterRefusal(reading: Reading, id: string): Promise<void> {
  const known = reading.refusals.get(id);
  if (known) return known;
  const settled = settleRefusal(reading, id);
  reading.refusals.set(id, settled);
  return settled;
}

async function settleRefusal(reading: Reading, id: string): Promise<void> {
  await requireSameScope(reading);
  const parentId = reading.seen.get(id)?.parentId ?? null;
  if (parentId === null || reading.roots.includes(id) || !reading.seen.has(parentId)) {
    reading.unreadable.add(id);
    return;
  }
  const siblings = await listUnlessRefused(reading, parentId);
  if (siblings === null) {
    await afterRefusal(reading, parentId);
    if (reading.seen.has(parentId)) reading.unreadable.add(id);
    else forget(reading, id);
    return;
  }
  note(reading, parentId, siblings);
  if (!siblings.some(({ departmentId }) => departmentId === id)) {
    forget(reading, id);
    return;
  }
  const children = await listUnlessRefused(reading, id);
  if (children === null) reading.unreadable.add(id);
  else note(reading, id, children);
}

async function list(reading: Reading, id: string): Promise<readonly Department[]> {
  const children = await reading.calls.listSub(id, reading.stop.signal);
  await reading.task.checkpoint?.putList(id, children);
  return children;
}

async function listUnlessRefused(reading: Reading, id: string): Promise<readonly Department[] | null> {
  try {
    return await list(reading, id);
  } catch (error) {
    if (!isRefused(error)) throw error;
    noteRefusal(reading, "departments", error);
    return null;
  }
}

/** Takes down what is directly below a department, unless that one was found gone meanwhile. */
function note(reading: Reading, parentId: string, children: readonly Department[]): void {
  const { seen, task, doubtful } = reading;
  if (!seen.has(parentId)) return;
  for (const department of children) {
    const id = department.departmentId;
    if (task.exclude.has(id)) continue;
    const known = seen.get(id);
    if (known === undefined) meet(reading, id, toSeen(department, parentId));
    // Moved from one list to another between two calls, or a tree that is none
    else if (known.parentId !== parentId) doubtful.set(id, parentId);
  }
}
