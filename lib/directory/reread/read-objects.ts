import type { DepartmentDetail } from "@/lib/dingtalk/departments";
import type { MemberDetail } from "@/lib/dingtalk/members";
import type { DirectorySettings } from "../settings/directory-settings";
import { type ReadDepartment, toReadDepartment } from "../sync/read/department-tree";
import {
  type DirectoryCalls,
  isGone,
  isMemberGone,
  isOutOfScope,
  isRefused,
} from "../sync/read/directory-calls";
import type { StoredObjects } from "./stored-objects";

/** The departments and members to read again. The value is true if an event announced the removal. */
export type RequestedObjects = {
  readonly departments: ReadonlyMap<string, boolean>;
  readonly members: ReadonlyMap<string, boolean>;
};

export type RereadCalls = Pick<DirectoryCalls, "get" | "listSub" | "getMember" | "listMemberIds">;

export type ReadObjects = {
  readonly departments: ReadonlyMap<string, ReadDepartment>;
  readonly members: ReadonlyMap<string, MemberDetail>;
  /** Proven gone: by an event, or by a fresh list of what they were in. */
  readonly goneDepartments: ReadonlySet<string>;
  readonly goneMembers: ReadonlySet<string>;
  /** The app may not read them now, which is no reason to remove them. */
  readonly outOfScope: { readonly departments: ReadonlySet<string>; readonly members: ReadonlySet<string> };
};

/** A re-read would have to read a large part of the directory, which a sync does better. */
export class NeedsSync extends Error {
  override readonly name = "NeedsSync";
}

export type RereadOptions = {
  readonly settings: Pick<DirectorySettings, "includeIds" | "excludeIds" | "readsDetails">;
  /** Limit of objects that are read. */
  readonly objectsMax: number;
  readonly signal: AbortSignal;
};

type State = RereadOptions & {
  readonly calls: RereadCalls;
  readonly stored: StoredObjects;
  readonly requested: RequestedObjects;
  readonly exclude: ReadonlySet<string>;
  readonly include: ReadonlySet<string>;
  readonly departments: Map<string, ReadDepartment>;
  readonly members: Map<string, MemberDetail>;
  readonly goneDepartments: Set<string>;
  readonly goneMembers: Set<string>;
  readonly outOfScope: { readonly departments: Set<string>; readonly members: Set<string> };
  /** Everything that was queued, read or not. */
  readonly queued: { readonly departments: Set<string>; readonly members: Set<string> };
  readonly freshChildren: Map<string, Promise<ReadonlySet<string> | null>>;
  readonly freshMembers: Map<string, Promise<ReadonlySet<string> | null>>;
};

/** Calls at the same time. DingTalk's rate is limited elsewhere. */
const AT_ONCE = 10;

/**
 * Reads departments and members again, with the contents of new departments and of those that are gone.
 *
 * DingTalk's answer that an object doesn't exist counts only if an event announced it or a fresh list of its parent
 * lacks it.
 *
 * @throws {NeedsSync} beyond `objectsMax`, or when a whole subtree enters or leaves the chosen departments
 * @throws {DingtalkError} for any other failure
 * @see docs/dingtalk/events.md
 */
export async function readObjects(
  calls: RereadCalls,
  { stored, requested, ...options }: RereadOptions & Pick<State, "stored" | "requested">,
): Promise<ReadObjects> {
  const state: State = {
    ...options,
    calls,
    stored,
    requested,
    exclude: new Set(options.settings.excludeIds),
    include: new Set(options.settings.includeIds),
    departments: new Map(),
    members: new Map(),
    goneDepartments: new Set(),
    goneMembers: new Set(),
    outOfScope: { departments: new Set(), members: new Set() },
    queued: { departments: new Set(), members: new Set() },
    freshChildren: new Map(),
    freshMembers: new Map(),
  };
  const done = { departments: new Set<string>(), members: new Set<string>() };
  queue(state, "departments", requested.departments.keys());
  queue(state, "members", requested.members.keys());
  for (;;) {
    // Departments first: a member is gone only if the departments are known
    const departments = next(state.queued.departments, done.departments);
    if (departments.length > 0) {
      await Promise.all(departments.map((id) => rereadDepartment(state, id)));
      continue;
    }
    const members = next(state.queued.members, done.members);
    if (members.length === 0) return state;
    await Promise.all(members.map((id) => rereadMember(state, id)));
  }
}

function queue(state: State, what: "departments" | "members", ids: Iterable<string>): void {
  for (const id of ids) state.queued[what].add(id);
  const { departments, members } = state.queued;
  if (departments.size + members.size > state.objectsMax)
    throw new NeedsSync("too many objects to read again");
}

function next(queued: ReadonlySet<string>, done: Set<string>): string[] {
  const ids = [...queued].filter((id) => !done.has(id)).slice(0, AT_ONCE);
  for (const id of ids) done.add(id);
  return ids;
}

async function rereadDepartment(state: State, id: string): Promise<void> {
  if (state.departments.has(id)) return;
  const ancestors = await state.stored.ancestorsOf(id);
  const detail = await getDepartment(state, id, ancestors?.[0] ?? null);
  if (detail === null) return;
  if ((await placementOf(state, detail)) === "excluded") {
    // Its whole subtree leaves the directory
    if (ancestors !== null) throw new NeedsSync("a subtree was moved out of the chosen departments");
    return;
  }
  addDepartment(state, detail);
  if (ancestors === null) await queueContents(state, id);
}

/** Returns `null` for a department that is gone or refused. */
async function getDepartment(
  state: State,
  id: string,
  storedParentId: string | null,
): Promise<DepartmentDetail | null> {
  try {
    return await state.calls.get(id, state.signal);
  } catch (error) {
    if (isOutOfScope(error)) state.outOfScope.departments.add(id);
    else if (!isGone(error)) throw error;
    else if (await isProvenGone(state, id, storedParentId)) {
      state.goneDepartments.add(id);
      const { children, members } = await state.stored.contentsOf(id);
      queue(state, "departments", children);
      queue(state, "members", members);
    }
    return null;
  }
}

async function isProvenGone(state: State, id: string, storedParentId: string | null): Promise<boolean> {
  if (state.requested.departments.get(id)) return true;
  if (storedParentId === null) return false;
  if (state.goneDepartments.has(storedParentId)) return true;
  const children = await fresh(state.freshChildren, storedParentId, async () =>
    (await state.calls.listSub(storedParentId, state.signal)).map(({ departmentId }) => departmentId),
  );
  return children !== null && !children.has(id);
}

/** Lists the contents of a department once. Returns `null` when DingTalk refuses. */
function fresh(
  lists: Map<string, Promise<ReadonlySet<string> | null>>,
  id: string,
  list: () => Promise<readonly string[]>,
): Promise<ReadonlySet<string> | null> {
  const known = lists.get(id);
  if (known !== undefined) return known;
  const listing = list().then(
    (ids) => new Set(ids),
    (error: unknown) => {
      if (isRefused(error)) return null;
      throw error;
    },
  );
  lists.set(id, listing);
  return listing;
}

/** Returns whether the settings exclude a department. Reads ancestors that are not stored. */
async function placementOf(state: State, detail: DepartmentDetail): Promise<"inside" | "excluded"> {
  const { exclude, include } = state;
  const passed = new Set<string>();
  let isIncluded = include.size === 0;
  let at: DepartmentDetail | null = detail;
  while (at !== null && !passed.has(at.departmentId)) {
    const { departmentId, parentId }: DepartmentDetail = at;
    passed.add(departmentId);
    if (exclude.has(departmentId)) return "excluded";
    isIncluded ||= include.has(departmentId);
    if (parentId === null) break;
    const above = await state.stored.ancestorsOf(parentId);
    if (above !== null) {
      const path = [parentId, ...above];
      if (path.some((id) => exclude.has(id))) return "excluded";
      isIncluded ||= path.some((id) => include.has(id));
      break;
    }
    at = await getAncestor(state, parentId);
  }
  return isIncluded ? "inside" : "excluded";
}

/** Reads an ancestor that is not stored, and queues it if it belongs to the directory. */
async function getAncestor(state: State, id: string): Promise<DepartmentDetail | null> {
  try {
    const detail = await state.calls.get(id, state.signal);
    // Ancestors of chosen departments do not belong to the directory
    if (state.include.size === 0) queue(state, "departments", [id]);
    return detail;
  } catch (error) {
    // The highest department of the app's scope has an ancestor that the app may not read
    if (isRefused(error)) return null;
    throw error;
  }
}

function addDepartment(state: State, detail: DepartmentDetail): void {
  // An order is useful only if all siblings have one
  const read = state.settings.readsDetails ? detail : { ...detail, order: null };
  state.departments.set(detail.departmentId, toReadDepartment(read, detail.parentId, detail.details));
}

/** Queues the contents of a new department: it may have been moved into the app's scope with everything in it. */
async function queueContents(state: State, id: string): Promise<void> {
  const children = await fresh(state.freshChildren, id, async () =>
    (await state.calls.listSub(id, state.signal)).map(({ departmentId }) => departmentId),
  );
  queue(
    state,
    "departments",
    [...(children ?? [])].filter((child) => !state.exclude.has(child)),
  );
  queue(state, "members", (await freshMembersOf(state, id)) ?? []);
}

const freshMembersOf = (state: State, id: string) =>
  fresh(state.freshMembers, id, () => state.calls.listMemberIds(id, state.signal));

async function rereadMember(state: State, userId: string): Promise<void> {
  try {
    const member = await state.calls.getMember(userId, state.signal);
    state.members.set(userId, member);
    await queueUnknownDepartments(state, member);
  } catch (error) {
    if (isOutOfScope(error)) state.outOfScope.members.add(userId);
    else if (!isMemberGone(error)) throw error;
    else if (await isMemberProvenGone(state, userId)) state.goneMembers.add(userId);
  }
}

async function isMemberProvenGone(state: State, userId: string): Promise<boolean> {
  if (state.requested.members.get(userId)) return true;
  const places = (await state.stored.placesOf(userId)) ?? [];
  if (places.length === 0) return false;
  for (const id of places) {
    if (state.goneDepartments.has(id)) continue;
    const listed = await freshMembersOf(state, id);
    if (listed === null || listed.has(userId)) return false;
  }
  return true;
}

/** Queues the departments of a member that are not stored: their event may be missing, or they may be out of scope. */
async function queueUnknownDepartments(state: State, { places }: MemberDetail): Promise<void> {
  for (const { departmentId } of places) {
    if (state.queued.departments.has(departmentId) || state.exclude.has(departmentId)) continue;
    if ((await state.stored.ancestorsOf(departmentId)) === null) queue(state, "departments", [departmentId]);
  }
}
