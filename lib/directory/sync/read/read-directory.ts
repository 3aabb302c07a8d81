import { DingtalkError } from "@/lib/dingtalk/errors";
import { SyncFailure } from "../../runs/run-errors";
import type { Scope, Suspicion, SyncReason } from "../../runs/run-reasons";
import type { StoredParents } from "../directory-store";
import { CallQueues } from "./call-queues";
import { loadSavedAnswers } from "./checkpoint";
import { DepartmentTree, type ReadDepartment } from "./department-tree";
import type { ConcurrentCall, DirectoryCalls } from "./directory-calls";
import { listWholeTree } from "./list-whole-tree";
import {
  findExcluded,
  lookUpMissing,
  type MissingDepartments,
  noMissingDepartments,
  resolveParentConflicts,
} from "./missing-departments";
import {
  lookUpMembers,
  type MissingMembers,
  noMissingMembers,
  readIndividuals,
  readMembers,
  rereadMembers,
} from "./read-members";
import { MembersRead, type ReadState, ReadStats, type ReadTask, Refusals, ScopeChanged } from "./read-state";
import { type RetryingCalls, type RetryOptions, retryingCalls } from "./retrying-calls";
import { readChildren, readDetails, readRoots, walk } from "./walk-departments";

/** Ids of stored departments, or of stored members, that were not read. */
type Ids = ReadonlySet<string>;

/** Everything that an app may read of its directory. The members are in the checkpoint. */
export type ReadDirectory = {
  readonly departments: ReadonlyMap<string, ReadDepartment>;
  /** DingTalk says that they don't exist. Empty after an incomplete read. */
  readonly gone: Ids;
  /** The app may not read them now, which never means that they are gone. */
  readonly outOfScope: Ids;
  readonly excluded: Ids;
  /** Not looked up, so nothing is known of them. Empty unless there is a suspicion. */
  readonly unproven: Ids;
  readonly goneMembers: Ids;
  readonly outOfScopeMembers: Ids;
  /** Not looked up: too many (then there is a suspicion), or the app lacks the permission (`members_unproven`). */
  readonly unprovenMembers: Ids;
  /** Why nothing may be removed; `null` after a complete read. */
  readonly incompleteFor: SyncReason | null;
  /** Why no member may be removed; `null` after a complete read and when members are not read. */
  readonly membersIncompleteFor: SyncReason | null;
  readonly suspicion: Suspicion | null;
  readonly scope: Scope;
  readonly strategy: ReadStats["strategy"];
  /** Number of necessary calls by route, without repeats. */
  readonly leastCalls: Readonly<Record<string, number>>;
};

export type ReadOptions = ReadTask & {
  /** Loads the stored departments that are not removed. Called after the walk. */
  readonly loadStored: () => Promise<StoredParents>;
  readonly retry: RetryOptions;
  readonly signal: AbortSignal;
};

/**
 * Reads an app's whole directory from the roots of its scope. Starts again once if the scope changes meanwhile.
 * @throws {SyncFailure} when the result can't be the directory · {DingtalkError} when a call failed for good
 * @throws the signal's reason when it aborts
 */
export async function readDirectory(calls: DirectoryCalls, options: ReadOptions): Promise<ReadDirectory> {
  const retrying = () => retryingCalls(calls, options.retry);
  try {
    const first = retrying();
    return await readFrom(first, await first.scopes(options.signal), options);
  } catch (error) {
    if (!(error instanceof ScopeChanged)) throw error;
    return await readFrom(retrying(), error.scope, options).catch((again: unknown) => {
      throw again instanceof ScopeChanged ? new SyncFailure({ kind: "scope_unsteady" }) : again;
    });
  }
}

async function readFrom(
  calls: RetryingCalls<DirectoryCalls>,
  scope: Scope,
  options: ReadOptions,
): Promise<ReadDirectory> {
  const stop = new AbortController();
  const giveUp = () => stop.abort(options.signal.reason);
  options.signal.addEventListener("abort", giveUp, { once: true });
  try {
    options.signal.throwIfAborted();
    const state = await begin(calls, { scope, options, stop });
    const people = options.checkpoint === null ? [] : scope.userIds;
    const isEmpty = scope.departmentIds.length + people.length === 0;
    return await (isEmpty ? readNothing(state, options) : readAll(state, options));
  } catch (error) {
    // A retry resumes from the checkpoint. A failure of this flush must not hide the first error
    if (error instanceof DingtalkError) await options.checkpoint?.flush().catch(() => {});
    throw error;
  } finally {
    options.signal.removeEventListener("abort", giveUp);
    stop.abort();
  }
}

type Beginning = { readonly scope: Scope; readonly options: ReadOptions; readonly stop: AbortController };

async function begin(
  calls: RetryingCalls<DirectoryCalls>,
  { scope, options, stop }: Beginning,
): Promise<ReadState> {
  const { include, exclude } = options;
  const roots = new Set(include.length > 0 ? include : scope.departmentIds);
  const saved = await loadSavedAnswers(options.checkpoint);
  const work = {
    listSub: (id: string) => readChildren(state, id),
    get: (id: string) => readDetails(state, id),
    listMembers: (id: string) => readMembers(state, id),
    getMember: async () => {},
  };
  const state: ReadState = {
    calls,
    task: options,
    stop,
    queues: new CallQueues<ConcurrentCall>({ stop, concurrencyOf: calls.concurrencyOf, work }),
    scope,
    roots: [...roots].filter((id) => !exclude.has(id)),
    saved,
    tree: new DepartmentTree(options.departmentsMax),
    members: new MembersRead(options.membersMax, saved),
    refusals: new Refusals(),
    stats: new ReadStats(),
  };
  calls.onPause(() => state.queues.refill());
  state.stats.countCall("scopes");
  return state;
}

async function readAll(state: ReadState, options: ReadOptions): Promise<ReadDirectory> {
  const roots = await readRoots(state);
  await listWholeTree(state, roots);
  await walk(state, roots);
  const stored = await options.loadStored();
  const suspicion = suspectEmptyAnswer(state, stored);
  const missing = await findMissing(state, stored, suspicion);
  await resolveParentConflicts(state);
  const incompleteFor = incompletenessOf(state, state.tree.breakCycles());
  const members = await findMissingMembers(state, { missing, incompleteFor, suspicion });
  return toReadDirectory(state, { missing, members, incompleteFor, suspicion });
}

/** Handles an app that may read nothing: everything stored is out of its scope. */
async function readNothing(state: ReadState, { loadStored }: ReadOptions): Promise<ReadDirectory> {
  const stored = await loadStored();
  if (stored.size === 0) throw new SyncFailure({ kind: "scope_empty" });
  return toReadDirectory(state, {
    missing: { ...noMissingDepartments(), outOfScope: new Set(stored.keys()) },
    members: noMissingMembers(),
    incompleteFor: null,
    suspicion: { kind: "scope_empty" },
  });
}

async function findMissing(
  state: ReadState,
  stored: StoredParents,
  suspicion: Suspicion | null,
): Promise<MissingDepartments> {
  const unread = [...stored.keys()].filter((id) => !state.tree.has(id));
  if (suspicion !== null) return { ...noMissingDepartments(), unproven: new Set(unread) };
  // A missing department may be below an unreadable one, so a lookup would prove nothing
  return state.refusals.unreadable.size > 0 ? noMissingDepartments() : lookUpMissing(state, stored);
}

/** Returns a suspicion when the answer contains none of the stored departments, which no real change does. */
function suspectEmptyAnswer({ tree, roots, task }: ReadState, stored: StoredParents): Suspicion | null {
  const excluded = findExcluded(stored, task);
  const wanted = [...stored].filter(([id]) => !excluded.has(id));
  const belowRoot = wanted.filter(([, parentId]) => parentId !== null);
  // The root has the same id in every organization, so its presence proves nothing
  const expected = belowRoot.length > 0 ? belowRoot : wanted;
  if (roots.length === 0 || expected.length === 0 || expected.some(([id]) => tree.has(id))) return null;
  return { kind: "answer_empty", held: stored.size, seen: tree.departments.size };
}

function incompletenessOf({ refusals, task }: ReadState, cycles: number): SyncReason | null {
  const { unreadable, lastAnswers } = refusals;
  const refused = lastAnswers.departments;
  const chosen = task.include.filter((id) => unreadable.has(id)).length;
  if (chosen > 0) return { kind: "choice_unreadable", count: chosen, ...refused };
  if (unreadable.size > 0) return { kind: "departments_unreadable", count: unreadable.size, ...refused };
  if (cycles > 0) return { kind: "tree_contradictory", count: cycles };
  return null;
}

type Findings = {
  readonly missing: MissingDepartments;
  readonly members: MissingMembers;
  readonly incompleteFor: SyncReason | null;
  readonly suspicion: Suspicion | null;
};

async function findMissingMembers(
  state: ReadState,
  { missing, incompleteFor, suspicion }: Omit<Findings, "members">,
): Promise<MissingMembers> {
  const members = noMissingMembers();
  const { checkpoint } = state.task;
  if (checkpoint === null || state.members.notPermitted) return members;
  await checkpoint.drop(departmentsToDrop(state));
  await checkpoint.flush();
  await readIndividuals(state, members);
  await rereadMembers(state, await checkpoint.findConflictingMembers(), members);
  // A member who is in no list is missing only if all lists were read
  if (incompleteFor === null && state.members.unreadable.size === 0) {
    const unread = await checkpoint.findMissingMembers([...missing.outOfScope, ...missing.excluded]);
    if (suspicion === null) await lookUpMembers(state, unread, members);
    else for (const id of unread) members.unproven.add(id);
  }
  await checkpoint.flush();
  return members;
}

/** Returns the departments with stored answers that are not part of the read directory. */
function departmentsToDrop({ saved, members, tree }: ReadState): string[] {
  const stored = new Set([...saved.lists.keys(), ...saved.members.keys(), ...members.begun]);
  return [...stored].filter((id) => !tree.has(id));
}

function toReadDirectory(
  state: ReadState,
  { missing, members, incompleteFor, suspicion }: Findings,
): ReadDirectory {
  const membersFor = membersIncompleteness(state, members, incompleteFor);
  return {
    departments: state.tree.departments,
    ...missing,
    gone: incompleteFor === null ? missing.gone : new Set(),
    goneMembers: membersFor === null ? members.gone : new Set(),
    outOfScopeMembers: members.outOfScope,
    unprovenMembers: members.unproven,
    incompleteFor: incompleteFor ?? (membersFor?.kind === "members_unreadable" ? membersFor : null),
    membersIncompleteFor: membersFor,
    suspicion: suspicion ?? suspectMissing(state, missing, members),
    scope: state.scope,
    strategy: state.stats.strategy,
    leastCalls: state.stats.leastCalls,
  };
}

function membersIncompleteness(
  { task, members: { notPermitted, unreadable }, refusals }: ReadState,
  missing: MissingMembers,
  incompleteFor: SyncReason | null,
): SyncReason | null {
  const refused = refusals.lastAnswers.members;
  if (task.checkpoint === null) return null;
  if (notPermitted) return { kind: "members_not_permitted", ...refused };
  if (unreadable.size > 0) return { kind: "members_unreadable", count: unreadable.size, ...refused };
  if (missing.notPermitted) return { kind: "members_unproven", count: missing.unproven.size };
  return incompleteFor;
}

/** Returns a suspicion when stored rows are missing in a way that may be a mistake. */
function suspectMissing(
  state: ReadState,
  missing: MissingDepartments,
  members: MissingMembers,
): Suspicion | null {
  const [departments, people] = [missing.outOfScope.size, members.outOfScope.size];
  if (departments + people > 0) return { kind: "scope_shrank", departments, members: people };
  if (state.members.rows + members.found === 0 && members.gone.size > 0)
    return { kind: "members_empty", held: members.gone.size };
  const tooMany = members.notPermitted ? 0 : members.unproven.size;
  if (missing.unproven.size + tooMany === 0) return null;
  return { kind: "too_many_missing", departments: missing.unproven.size, members: tooMany };
}
