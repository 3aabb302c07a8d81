import type { Department } from "@/lib/dingtalk/departments";
import { DingtalkError } from "@/lib/dingtalk/errors";
import { SyncFailure } from "./sync-failure";

/** DingTalk's answers, as a reading of the directory needs them. Each heeds the signal and may throw any kind. */
export type DirectoryCalls = {
  /** The departments from which on the app may read. */
  readonly scopeRoots: (signal: AbortSignal) => Promise<readonly string[]>;
  /** One level below a department. */
  readonly listSub: (departmentId: string, signal: AbortSignal) => Promise<readonly Department[]>;
  readonly get: (departmentId: string, signal: AbortSignal) => Promise<Department>;
  /** How many of them are to be under way at once. */
  readonly atOnce: () => number;
};

export type Seen = {
  readonly department: Department;
  /** The one under which it was listed, or which it names itself. It may be one that was not seen. */
  readonly parentId: string | null;
};

/** A directory that is being read, and what is known of it so far. */
export type Reading = {
  readonly calls: DirectoryCalls;
  readonly departmentsMax: number;
  /** Told how many departments were seen so far. */
  readonly onSeen: (count: number) => void;
  readonly stop: AbortController;
  readonly atOnce: () => number;
  /** Where the app may begin to read. */
  readonly roots: readonly string[];
  readonly seen: Map<string, Seen>;
  /** Listed under more than one parent, and the last one of them. */
  readonly doubtful: Map<string, string>;
  /** Listed, and refused all the same. */
  readonly unreadable: Set<string>;
  /** The scope as it was when a department was refused: asked for once. */
  scopeAgain: Promise<readonly string[]> | null;
};

/** The app may read from other departments on than it might when the reading began. */
export class ScopeChanged extends Error {
  override readonly name = "ScopeChanged";
  readonly roots: readonly string[];

  constructor(roots: readonly string[]) {
    super("the app's scope changed while it was read");
    this.roots = roots;
  }
}

const INT8_MAX = 2n ** 63n - 1n;

/** Whether DingTalk says that there is no such department. */
export const isGone = (error: unknown): boolean =>
  error instanceof DingtalkError && error.kind === "department_gone";

/** Whether DingTalk says that the app may not read it; the code for members comes in its place at times. */
export const isOutOfScope = (error: unknown): boolean =>
  error instanceof DingtalkError &&
  (error.kind === "department_out_of_scope" || error.kind === "member_out_of_scope");

/**
 * Adds a department to what was seen.
 *
 * @throws {SyncFailure} beyond the limit; for an id that no database number holds
 */
export function addSeen(reading: Reading, departmentId: string, seen: Seen): void {
  if (BigInt(departmentId) > INT8_MAX) throw new SyncFailure({ kind: "department_id_unusable" });
  reading.seen.set(departmentId, seen);
  if (reading.seen.size > reading.departmentsMax) {
    throw new SyncFailure({ kind: "too_many_departments", departmentsMax: reading.departmentsMax });
  }
  reading.onSeen(reading.seen.size);
}

/** Without its place among its siblings, which is worth something only where all of them tell theirs. */
export const unordered = (department: Department): Department => ({ ...department, order: null });

/** Takes a department that turned out to be gone out of what was seen, with all that was seen below it. */
export function forget(reading: Reading, departmentId: string): void {
  const forgotten = new Set([departmentId]);
  for (let before = 0; before < forgotten.size; ) {
    before = forgotten.size;
    for (const [id, { parentId }] of reading.seen) {
      if (parentId !== null && forgotten.has(parentId)) forgotten.add(id);
    }
  }
  for (const id of forgotten) reading.seen.delete(id);
}

/**
 * After a refusal: the scope is asked for once more, for an administrator may just have changed it.
 *
 * @throws {ScopeChanged}
 */
export async function requireSameScope(reading: Reading): Promise<void> {
  reading.scopeAgain ??= reading.calls.scopeRoots(reading.stop.signal);
  const roots = new Set(await reading.scopeAgain);
  const isSame = roots.size === reading.roots.length && reading.roots.every((id) => roots.has(id));
  if (!isSame) throw new ScopeChanged([...roots]);
}
