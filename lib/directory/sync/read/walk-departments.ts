import type { Department, DepartmentDetail } from "@/lib/dingtalk/departments";
import { type ReadDepartment, toReadDepartment } from "./department-tree";
import { isGone, isOutOfScope, isRefused } from "./directory-calls";
import { type ReadState, reportProgress, requireSameScope } from "./read-state";

/**
 * Reads the departments from which the app may read, which lists never contain. @returns the readable ones
 * @throws {ScopeChanged} · the refusal, when all are refused · what a call throws
 */
export async function readRoots(state: ReadState): Promise<string[]> {
  const readable: string[] = [];
  let refusal: unknown;
  await state.queues.each("get", state.roots, async (id) => {
    try {
      const detail = state.saved.details.get(id) ?? (await readDetail(state, id));
      addDepartment(state, id, toReadDepartment(detail, detail.parentId, detail.details));
      readable.push(id);
    } catch (error) {
      if (!isRefused(error)) throw error;
      refusal = error;
      state.refusals.record("departments", error);
      await requireSameScope(state);
      // A granted department that does not exist must not prevent reading the others
      state.refusals.unreadable.add(id);
    }
  });
  if (readable.length === 0 && refusal !== undefined) throw refusal;
  return readable;
}

/**
 * Reads everything below `roots`: departments, members and wanted details, concurrently.
 *
 * @throws {ScopeChanged} · {SyncFailure} as `DepartmentTree.add` · what a call throws
 */
export function walk(state: ReadState, roots: readonly string[]): Promise<void> {
  for (const id of roots) queueReads(state, id);
  return state.queues.done();
}

/** Adds a new department, and queues the reads of its contents. @throws {SyncFailure} as `DepartmentTree.add` */
function discover(state: ReadState, id: string, department: ReadDepartment): void {
  addDepartment(state, id, department);
  queueReads(state, id);
}

/** Adds a department that was looked up, unless it was found meanwhile, and queues the reads of its contents. */
export function discoverDetail(state: ReadState, detail: DepartmentDetail): void {
  const { departmentId: id, parentId } = detail;
  if (!state.tree.has(id)) discover(state, id, fromDetail(state, detail, parentId));
}

/** Drops the order when details are not read: an order is useful only if all siblings have one. */
export function fromDetail(
  { task }: ReadState,
  detail: DepartmentDetail,
  parentId: string | null,
): ReadDepartment {
  const { details } = detail;
  return toReadDepartment(
    task.wantsDetails === null ? { ...detail, order: null } : detail,
    parentId,
    details,
  );
}

function addDepartment(state: ReadState, id: string, department: ReadDepartment): void {
  state.tree.add(id, department);
  reportProgress(state);
}

function queueReads({ queues, tree, task, saved, members, roots }: ReadState, id: string): void {
  queues.add("listSub", id);
  if (task.checkpoint !== null && !members.notPermitted) queues.add("listMembers", id);
  const department = tree.get(id);
  if (task.wantsDetails === null || department === undefined || department.details !== null) return;
  const detail = saved.details.get(id);
  if (detail !== undefined) tree.attachDetails(detail, roots.includes(detail.departmentId));
  else if (task.wantsDetails(department)) queues.add("get", id);
}

export async function readChildren(state: ReadState, id: string): Promise<void> {
  // It may have been found gone since it was queued
  if (!state.tree.has(id)) return;
  try {
    addChildren(state, id, await childrenOf(state, id));
  } catch (error) {
    if (!isRefused(error)) throw error;
    state.refusals.record("departments", error);
    await resolveRefusal(state, id);
  }
}

function childrenOf(state: ReadState, id: string): readonly Department[] | Promise<readonly Department[]> {
  const { lists } = state.saved;
  const saved = lists.get(id);
  if (saved === undefined) {
    state.stats.countCall("listSub");
    return list(state, id);
  }
  lists.delete(id);
  return saved;
}

/**
 * Resolves the refusal of a listed department by listing its parent again: one that is still listed gets a second try.
 * Afterwards the department is read, removed from the tree or marked unreadable.
 * @throws {ScopeChanged} · what a call throws
 */
export const resolveRefusal = (state: ReadState, id: string): Promise<void> =>
  state.refusals.handleOnce(id, () => listAgain(state, id));

async function listAgain(state: ReadState, id: string): Promise<void> {
  const { tree, refusals, roots } = state;
  await requireSameScope(state);
  const parentId = tree.get(id)?.parentId ?? null;
  if (parentId === null || roots.includes(id) || !tree.has(parentId)) {
    refusals.unreadable.add(id);
    return;
  }
  const siblings = await listUnlessRefused(state, parentId);
  if (siblings === null) {
    await resolveRefusal(state, parentId);
    if (tree.has(parentId)) refusals.unreadable.add(id);
    else tree.removeSubtree(id);
    return;
  }
  addChildren(state, parentId, siblings);
  if (!siblings.some(({ departmentId }) => departmentId === id)) {
    tree.removeSubtree(id);
    return;
  }
  const children = await listUnlessRefused(state, id);
  if (children === null) refusals.unreadable.add(id);
  else addChildren(state, id, children);
}

async function list(state: ReadState, id: string): Promise<readonly Department[]> {
  const children = await state.calls.listSub(id, state.stop.signal);
  await state.task.checkpoint?.putList(id, children);
  return children;
}

async function listUnlessRefused(state: ReadState, id: string): Promise<readonly Department[] | null> {
  try {
    return await list(state, id);
  } catch (error) {
    if (!isRefused(error)) throw error;
    state.refusals.record("departments", error);
    return null;
  }
}

/** Adds a department's children, unless the department was found gone meanwhile. */
function addChildren(state: ReadState, parentId: string, children: readonly Department[]): void {
  const { tree, task } = state;
  if (!tree.has(parentId)) return;
  for (const department of children) {
    const id = department.departmentId;
    if (task.exclude.has(id)) continue;
    const known = tree.get(id);
    if (known === undefined) discover(state, id, toReadDepartment(department, parentId));
    // Moved between two calls, or DingTalk's tree is inconsistent
    else if (known.parentId !== parentId) tree.conflicts.set(id, parentId);
  }
}

/** Reads a department with the fields that lists omit, and counts the call as necessary. @throws what the call throws */
async function readDetail(state: ReadState, id: string): Promise<DepartmentDetail> {
  state.stats.countCall("get");
  return rereadDetail(state, id);
}

export async function rereadDetail(state: ReadState, id: string): Promise<DepartmentDetail> {
  const detail = await state.calls.get(id, state.stop.signal);
  await state.task.checkpoint?.putDetail(detail);
  return detail;
}

/** Reads the details of a listed department. @throws {ScopeChanged} · what a call throws */
export async function readDetails(state: ReadState, id: string): Promise<void> {
  if (state.tree.get(id)?.details !== null) return;
  try {
    state.tree.attachDetails(await readDetail(state, id), state.roots.includes(id));
  } catch (error) {
    if (isGone(error)) return resolveRefusal(state, id);
    if (!isOutOfScope(error)) throw error;
    // Listed but not returned: the listed fields stay, unless the scope has changed
    await requireSameScope(state);
  }
}
