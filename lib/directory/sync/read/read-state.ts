import { DingtalkError } from "@/lib/dingtalk/errors";
import type { ListedMember } from "@/lib/dingtalk/members";
import { SyncFailure } from "../../runs/run-errors";
import type { RefusedWith, Scope } from "../../runs/run-reasons";
import type { CallQueues } from "./call-queues";
import type { Checkpoint, SavedAnswers } from "./checkpoint";
import type { DepartmentTree, ReadDepartment } from "./department-tree";
import { type ConcurrentCall, type DirectoryCalls, ROUTES } from "./directory-calls";

export type ReadTask = {
  readonly departmentsMax: number;
  /** Limit of member rows. A person in several departments has several rows. */
  readonly membersMax: number;
  readonly onProgress: (counts: { readonly departments: number; readonly members: number }) => void;
  /** Departments to start from; empty: the roots of the scope. */
  readonly include: readonly string[];
  readonly exclude: ReadonlySet<string>;
  /** Decides whether to call `department/get` for a department; `null`: for none. */
  readonly wantsDetails: ((department: ReadDepartment) => boolean) | null;
  /** Called when `department/list` did not return the whole tree, so that the next runs don't try it. */
  readonly onWholeRefused?: (reason: WholeRefusal) => void;
  readonly lookUpsMax?: number;
  /** Stores the members; `null`: members are not read. */
  readonly checkpoint: Checkpoint | null;
};

/** `contradictory`: the rows form no tree. */
export type WholeRefusal = DingtalkError["kind"] | "contradictory";

/** A directory that is being read. Each object has one part of the state. */
export type ReadState = {
  readonly calls: DirectoryCalls;
  readonly task: ReadTask;
  readonly stop: AbortController;
  readonly queues: CallQueues<ConcurrentCall>;
  readonly scope: Scope;
  /** The departments to start from: those of the scope, or the chosen ones. */
  readonly roots: readonly string[];
  readonly saved: SavedAnswers;
  readonly tree: DepartmentTree;
  readonly members: MembersRead;
  readonly refusals: Refusals;
  readonly stats: ReadStats;
};

/** Counts the members that were read. The members themselves are in the checkpoint. */
export class MembersRead {
  readonly #membersMax: number;
  readonly begun = new Set<string>();
  /** Departments that exist but whose members were refused. */
  readonly unreadable = new Set<string>();
  notPermitted = false;
  rows: number;
  people: number;

  constructor(membersMax: number, { memberRows, people }: Pick<SavedAnswers, "memberRows" | "people">) {
    this.#membersMax = membersMax;
    this.rows = memberRows;
    this.people = people;
  }

  /** @throws {SyncFailure} beyond the limit */
  add(departmentId: string, members: readonly ListedMember[]): void {
    this.rows += members.length;
    this.people += members.filter((member) => isCountedIn(departmentId, member)).length;
    if (this.rows > this.#membersMax) {
      throw new SyncFailure({ kind: "too_many_members", membersMax: this.#membersMax });
    }
  }
}

/** Counts a person only in one of their departments, without remembering everyone. */
const isCountedIn = (departmentId: string, { departmentIds }: ListedMember): boolean =>
  departmentIds.every((id) => departmentId <= id);

export class Refusals {
  /** Departments that DingTalk lists but does not return. */
  readonly unreadable = new Set<string>();
  /** DingTalk's last refusals that left something out, for the run's error. */
  readonly lastAnswers: { departments: RefusedWith; members: RefusedWith } = { departments: {}, members: {} };
  readonly #handled = new Map<string, Promise<void>>();
  #scope: Promise<Scope> | null = null;

  record(what: "departments" | "members", error: unknown): void {
    if (!(error instanceof DingtalkError) || error.upstream.code === null) return;
    const { code, subCode, message, requestId } = error.upstream;
    this.lastAnswers[what] = { code, subCode, message, requestId };
  }

  /** Handles the refusal of a department once, no matter how many calls were refused. */
  handleOnce(id: string, handle: () => Promise<void>): Promise<void> {
    const handled = this.#handled.get(id) ?? handle();
    this.#handled.set(id, handled);
    return handled;
  }

  /** Reads the scope after the first refusal, and returns that answer after later ones. */
  readScopeOnce(readScope: () => Promise<Scope>): Promise<Scope> {
    return (this.#scope ??= readScope());
  }
}

/** Figures about the read that are stored with the run. */
export class ReadStats {
  strategy: "levels" | "whole" = "levels";
  readonly #leastCalls = new Map<string, number>();

  countCall(call: keyof typeof ROUTES): void {
    this.#leastCalls.set(ROUTES[call], (this.#leastCalls.get(ROUTES[call]) ?? 0) + 1);
  }

  get leastCalls(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#leastCalls);
  }
}

export function reportProgress({ task, tree, members }: ReadState): void {
  task.onProgress({ departments: tree.departments.size, members: members.people });
}

export class ScopeChanged extends Error {
  override readonly name = "ScopeChanged";
  readonly scope: Scope;

  constructor(scope: Scope) {
    super("the app's scope changed while it was read");
    this.scope = scope;
  }
}

/** Reads the scope again after a refusal, because an administrator may have changed it. @throws {ScopeChanged} */
export async function requireSameScope({ refusals, calls, stop, scope }: ReadState): Promise<void> {
  const now = await refusals.readScopeOnce(() => calls.scopes(stop.signal));
  if (!isSameSet(now.departmentIds, scope.departmentIds)) throw new ScopeChanged(now);
}

export function isSameSet(some: readonly string[], others: readonly string[]): boolean {
  const [a, b] = [new Set(some), new Set(others)];
  return a.size === b.size && [...a].every((id) => b.has(id));
}
