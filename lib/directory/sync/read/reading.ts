import type { Department, DepartmentDetail } from "@/lib/dingtalk/departments";
import { DingtalkError } from "@/lib/dingtalk/errors";
import { canonicalJson } from "../../canonical-json";
import { SyncFailure } from "../../runs/run-failures";
import type { RefusedWith } from "../../runs/run-reasons";
import type { Checkpoint, Known } from "./checkpoint";
import { type Crowd, type DirectoryCalls, ROUTES, type Scope } from "./directory-calls";
import type { Lanes } from "./lanes";

/**
 * A department as it is kept while the others are read. What is open in it is JSON text with sorted keys: of a hundred
 * thousand that takes a part only of the memory that objects would.
 */
export type Seen = {
  readonly department: Pick<Department, "departmentId" | "name" | "order" | "sourceIdentifier"> & {
    readonly extra: string;
  };
  /** The one under which it was listed, or which it names itself. It may be one that was not seen. */
  readonly parentId: string | null;
  /** What only `department/get` tells; `null` where it was not asked. */
  readonly details: string | null;
};

export function toSeen(
  { departmentId, name, order, sourceIdentifier, isFromUnionOrg, extra }: Department,
  parentId: string | null,
  details: DepartmentDetail["details"] | null = null,
): Seen {
  // Where it is not, only one of the two calls says so
  const kept = isFromUnionOrg === true ? { ...extra, from_union_org: true } : extra;
  return {
    department: { departmentId, name, order, sourceIdentifier, extra: canonicalJson(kept) },
    parentId,
    details: details && canonicalJson(details),
  };
}

/** What is to be read of a directory, and of what. */
export type Task = {
  readonly departmentsMax: number;
  /** How many rows of members, of which somebody in several departments has several. */
  readonly membersMax: number;
  /** Told how many departments and people were seen so far. */
  readonly onSeen: (counts: { readonly departments: number; readonly members: number }) => void;
  /** Departments to begin at; none: at the roots of the scope. */
  readonly include: readonly string[];
  /** Departments that are left out with all that is below them. */
  readonly exclude: ReadonlySet<string>;
  /** Whether `department/get` is to be called for a department that was just seen; `null`: for none. */
  readonly wantsDetails: ((seen: Seen) => boolean) | null;
  /** Told why the whole tree in one call came to nothing, so that it need not be tried again soon. */
  readonly onWholeRefused?: (reason: WholeRefusal) => void;
  /** How many departments, and how many people, are asked for by name at most. */
  readonly lookUpsMax?: number;
  /** Where members go to; `null`: they are not read. */
  readonly checkpoint: Checkpoint | null;
};

/** `contradictory`: the answer makes no tree. */
export type WholeRefusal = DingtalkError["kind"] | "contradictory";

/** A directory that is being read, and what is known of it so far. */
export type Reading = {
  readonly calls: DirectoryCalls;
  readonly task: Task;
  readonly stop: AbortController;
  readonly lanes: Lanes<Crowd>;
  readonly scope: Scope;
  /** Where it begins: the scope's, or those that were chosen. */
  readonly roots: readonly string[];
  readonly known: Known;
  readonly seen: Map<string, Seen>;
  /** Told to be under more than one parent, and the last one of them. */
  readonly doubtful: Map<string, string>;
  /** Listed, and refused all the same. */
  readonly unreadable: Set<string>;
  /** Departments whose members are being read or were. */
  readonly membersBegun: Set<string>;
  /** Departments that are there and whose members were refused. */
  readonly membersUnreadable: Set<string>;
  /** How a department that was refused was settled: once, whoever met the refusal. */
  readonly refusals: Map<string, Promise<void>>;
  /** The scope as it was when a department was refused: asked for once. */
  scopeAgain: Promise<Scope> | null;
  /** The app may not read members at all. */
  membersNotPermitted: boolean;
  /** The last refusals because of which something was left out, so that the run can name their codes. */
  readonly refusedWith: { departments: RefusedWith; members: RefusedWith };
  memberRows: number;
  /** How many people these rows are of, as far as the rows say. */
  people: number;
  /** Whether the tree came, or is to come, in one answer for each root. */
  strategy: "levels" | "whole";
  /** By DingTalk's route: how many calls there would have been without repeats and second thoughts. */
  readonly leastCalls: Map<string, number>;
};

/** The app may read from other departments on than it might when the reading began. */
export class ScopeChanged extends Error {
  override readonly name = "ScopeChanged";
  readonly scope: Scope;

  constructor(scope: Scope) {
    super("the app's scope changed while it was read");
    this.scope = scope;
  }
}

const INT8_MAX = 2n ** 63n - 1n;

const isKind = (error: unknown, ...kinds: DingtalkError["kind"][]): error is DingtalkError =>
  error instanceof DingtalkError && kinds.includes(error.kind);

/** Whether DingTalk says that there is no such department. */
export const isGone = (error: unknown): boolean => isKind(error, "department_gone");

/** Whether DingTalk says that the app may not read it; the code for members comes in its place at times. */
export const isOutOfScope = (error: unknown): boolean =>
  isKind(error, "department_out_of_scope", "member_out_of_scope");

export const isRefused = (error: unknown): boolean => isGone(error) || isOutOfScope(error);

export const isMemberGone = (error: unknown): boolean => isKind(error, "member_gone");

/** Whether the app lacks the permission for the call, whomever it asks for. */
export const isNotPermitted = (error: unknown): boolean => isKind(error, "missing_permission");

export const isMembersRefused = (error: unknown): boolean => isKind(error, "department_members_unreadable");

/** Notes DingTalk's words of a refusal that the reading goes on after. */
export function noteRefusal(
  { refusedWith }: Reading,
  what: keyof Reading["refusedWith"],
  error: unknown,
): void {
  if (!(error instanceof DingtalkError) || error.upstream.code === null) return;
  const { code, subCode, message, requestId } = error.upstream;
  refusedWith[what] = { code, subCode, message, requestId };
}

/** Counts a call without which the reading could not be. */
export function countLeast({ leastCalls }: Reading, call: keyof typeof ROUTES): void {
  leastCalls.set(ROUTES[call], (leastCalls.get(ROUTES[call]) ?? 0) + 1);
}

export function tellSeen({ task, seen, people }: Reading): void {
  task.onSeen({ departments: seen.size, members: people });
}

/**
 * Adds a department to what was seen.
 *
 * @throws {SyncFailure} beyond the limit; for an id that no database number holds
 */
export function addSeen(reading: Reading, departmentId: string, seen: Seen): void {
  const { departmentsMax } = reading.task;
  if (BigInt(departmentId) > INT8_MAX) throw new SyncFailure({ kind: "department_id_unusable" });
  reading.seen.set(departmentId, seen);
  if (reading.seen.size > departmentsMax) {
    throw new SyncFailure({ kind: "too_many_departments", departmentsMax });
  }
  tellSeen(reading);
}

/**
 * Takes a department that turned out to be gone out of what was seen, with all that was seen below it. What was
 * listed elsewhere too stays there.
 */
export function forget(reading: Reading, departmentId: string): void {
  const { seen, doubtful } = reading;
  const forgotten = new Set([departmentId]);
  for (let before = 0; before < forgotten.size; ) {
    before = forgotten.size;
    for (const [id, each] of seen) {
      if (each.parentId === null || !forgotten.has(each.parentId) || forgotten.has(id)) continue;
      const other = doubtful.get(id);
      if (other !== undefined && seen.has(other) && !forgotten.has(other)) {
        seen.set(id, { ...each, parentId: other });
      } else forgotten.add(id);
    }
  }
  for (const id of forgotten) seen.delete(id);
}

/**
 * After a refusal: the scope is asked for once more, for an administrator may just have changed it.
 *
 * @throws {ScopeChanged}
 */
export async function requireSameScope(reading: Reading): Promise<void> {
  reading.scopeAgain ??= reading.calls.scopes(reading.stop.signal);
  const now = await reading.scopeAgain;
  if (!isSameSet(now.departmentIds, reading.scope.departmentIds)) throw new ScopeChanged(now);
}

export function isSameSet(some: readonly string[], others: readonly string[]): boolean {
  const [a, b] = [new Set(some), new Set(others)];
  return a.size === b.size && [...a].every((id) => b.has(id));
}
