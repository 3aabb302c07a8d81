import { DingtalkError } from "@/lib/dingtalk/errors";
import { SyncFailure } from "../../runs/run-failures";
import type { SyncReason } from "../../runs/run-reasons";
import { loadKnown } from "./checkpoint";
import { type HeldParents, leftOut } from "./chosen";
import type { Crowd, DirectoryCalls, Scope } from "./directory-calls";
import { Lanes } from "./lanes";
import {
  lookUpMembers,
  type MissingMembers,
  noneMissing,
  readAgain,
  readIndividuals,
} from "./look-up-members";
import { lookUpMissing, type Missing } from "./look-up-missing";
import { type Patience, type PatientCalls, patientCalls } from "./patience";
import { readDetails } from "./read-details";
import { readMembers } from "./read-members";
import { readWhole } from "./read-whole";
import { countLeast, type Reading, ScopeChanged, type Seen, type Task } from "./reading";
import { cutCircles, settleDoubts } from "./settle-doubts";
import { afterRefusal, expand, readRoots, walk } from "./walk";

/** Why a complete reading is not to be believed before a person has looked at it. */
export type Suspicion =
  /** The app may read no department; nothing was read. */
  | { readonly kind: "scope_empty" }
  /** DingTalk named none of the departments that we hold; none of them was asked for. */
  | { readonly kind: "answer_empty"; readonly held: number; readonly seen: number }
  /** DingTalk named nobody at all, and says of everybody whom we hold that they aren't there. */
  | { readonly kind: "members_empty"; readonly held: number }
  /** The app may not read all that it could. */
  | { readonly kind: "scope_shrank"; readonly departments: number; readonly members: number }
  /** More is missing than is asked for by name. */
  | { readonly kind: "too_many_missing"; readonly departments: number; readonly members: number };

/** Ids of departments, and of members: held before and not seen. */
type Ids = ReadonlySet<string>;

/** All that an app may read of its directory. Its members are in the checkpoint. */
export type ReadDirectory = {
  readonly departments: ReadonlyMap<string, Seen>;
  /** Gone by DingTalk's own word; empty where the reading was not complete. */
  readonly gone: Ids;
  /** Where the app may not look now. It never means that they are gone. */
  readonly outOfScope: Ids;
  /** Left out by choice. */
  readonly excluded: Ids;
  /** Missing, and not asked for: no proof of anything. Empty unless there is a suspicion. */
  readonly unproven: Ids;
  readonly goneMembers: Ids;
  readonly outOfScopeMembers: Ids;
  /** Missing, and not asked for: too many (there is a suspicion then), or nobody may be (`members_unproven`). */
  readonly unprovenMembers: Ids;
  /** Why what is not in it must not be taken for gone; `null` for a complete reading. */
  readonly incompleteFor: SyncReason | null;
  /** Why no member may be taken for gone; `null` for a complete reading, and where members are not read. */
  readonly membersIncompleteFor: SyncReason | null;
  readonly suspicion: Suspicion | null;
  readonly scope: Scope;
  /** Whether the tree came in one answer for each root. */
  readonly strategy: Reading["strategy"];
  /** By DingTalk's route: how many calls there would have been without repeats and second thoughts. */
  readonly leastCalls: Readonly<Record<string, number>>;
};

export type ReadOptions = Task & {
  /** The departments that we hold and that are not removed; asked for when the tree has been read. */
  readonly loadHeld: () => Promise<HeldParents>;
  /**
   * The members that we hold and that are in nothing that was put, but for those who were only in departments that
   * are out of scope or left out; asked for when all lists have been read.
   */
  readonly loadMissingMembers?: (departments: Missing) => Promise<readonly string[]>;
  /** People whom two lists place differently, since they were moved in between. */
  readonly loadDoubtfulMembers?: () => Promise<readonly string[]>;
  /** How calls that fail by a passing fault are repeated. */
  readonly patience: Patience;
  readonly signal: AbortSignal;
};

/**
 * Reads an app's whole directory from the roots of its scope. When the scope turns out to have changed on the
 * way, it begins again from the new roots, once.
 *
 * @throws {SyncFailure} when what was read cannot be the directory · {DingtalkError} when a call failed for good
 * @throws the signal's reason when it aborts
 */
export async function readDirectory(calls: DirectoryCalls, options: ReadOptions): Promise<ReadDirectory> {
  const patient = () => patientCalls(calls, options.patience);
  try {
    const first = patient();
    return await readFrom(first, await first.scopes(options.signal), options);
  } catch (error) {
    if (!(error instanceof ScopeChanged)) throw error;
    return await readFrom(patient(), error.scope, options).catch((again: unknown) => {
      throw again instanceof ScopeChanged ? new SyncFailure({ kind: "scope_unsteady" }) : again;
    });
  }
}

async function readFrom(
  calls: PatientCalls<DirectoryCalls>,
  scope: Scope,
  options: ReadOptions,
): Promise<ReadDirectory> {
  const stop = new AbortController();
  const giveUp = () => stop.abort(options.signal.reason);
  options.signal.addEventListener("abort", giveUp, { once: true });
  try {
    options.signal.throwIfAborted();
    const reading = await begin(calls, { scope, options, stop });
    const people = options.checkpoint === null ? [] : scope.userIds;
    const isEmpty = scope.departmentIds.length + people.length === 0;
    return await (isEmpty ? withoutScope(reading, options) : readAll(reading, options));
  } catch (error) {
    // A retry resumes from what was read so far. The first failure is reported, not one of writing that
    if (error instanceof DingtalkError) await options.checkpoint?.flush().catch(() => {});
    throw error;
  } finally {
    options.signal.removeEventListener("abort", giveUp);
    stop.abort();
  }
}

type Beginning = { readonly scope: Scope; readonly options: ReadOptions; readonly stop: AbortController };

async function begin(
  calls: PatientCalls<DirectoryCalls>,
  { scope, options, stop }: Beginning,
): Promise<Reading> {
  const { include, exclude } = options;
  const roots = new Set(include.length > 0 ? include : scope.departmentIds);
  const known = await loadKnown(options.checkpoint);
  const settle = (id: string) => afterRefusal(reading, id);
  const work = {
    listSub: (id: string) => expand(reading, id),
    get: (id: string) => readDetails(reading, id, settle),
    listMembers: (id: string) => readMembers(reading, id, settle),
    getMember: async () => {},
  };
  const reading: Reading = {
    calls,
    task: options,
    stop,
    lanes: new Lanes<Crowd>({ stop, atOnce: calls.atOnce, work }),
    scope,
    roots: [...roots].filter((id) => !exclude.has(id)),
    known,
    seen: new Map(),
    doubtful: new Map(),
    unreadable: new Set(),
    membersBegun: new Set(),
    membersUnreadable: new Set(),
    refusals: new Map(),
    scopeAgain: null,
    membersNotPermitted: false,
    refusedWith: { departments: {}, members: {} },
    memberRows: known.memberRows,
    people: known.people,
    strategy: "levels",
    leastCalls: new Map(),
  };
  calls.onAside(() => reading.lanes.refill());
  countLeast(reading, "scopes");
  return reading;
}

async function readAll(reading: Reading, options: ReadOptions): Promise<ReadDirectory> {
  const roots = await readRoots(reading);
  await readWhole(reading, roots);
  await walk(reading, roots);
  const held = await options.loadHeld();
  const strangeness = nothingInCommon(reading, held);
  const missing = await findMissing(reading, held, strangeness);
  await settleDoubts(reading);
  const incompleteFor = incompletenessOf(reading, cutCircles(reading));
  const members = await findMembers(reading, { options, missing, incompleteFor, strangeness });
  return toRead(reading, { missing, members, incompleteFor, strangeness });
}

/** Without a department or a person that the app may read, all that is held is out of its sight. */
async function withoutScope(reading: Reading, { loadHeld }: ReadOptions): Promise<ReadDirectory> {
  const held = await loadHeld();
  if (held.size === 0) throw new SyncFailure({ kind: "scope_empty" });
  return toRead(reading, {
    missing: { ...noneOf(), outOfScope: new Set(held.keys()) },
    members: noneMissing(),
    incompleteFor: null,
    strangeness: { kind: "scope_empty" },
  });
}

const noneOf = (): Missing => ({
  gone: new Set(),
  outOfScope: new Set(),
  excluded: new Set(),
  unproven: new Set(),
});

async function findMissing(
  reading: Reading,
  held: HeldParents,
  strangeness: Suspicion | null,
): Promise<Missing> {
  const unseen = [...held.keys()].filter((id) => !reading.seen.has(id));
  if (strangeness !== null) return { ...noneOf(), unproven: new Set(unseen) };
  // What could not be read may be anywhere, so looking for what is missing would prove nothing
  return reading.unreadable.size > 0 ? noneOf() : lookUpMissing(reading, held);
}

/**
 * An answer that names nothing of what we hold is a fault or another organization's, whatever it says: there
 * is no such change of a directory that anybody makes.
 */
function nothingInCommon({ seen, roots, task }: Reading, held: HeldParents): Suspicion | null {
  const out = leftOut(held, task);
  const wanted = [...held].filter(([id]) => !out.has(id));
  const below = wanted.filter(([, parentId]) => parentId !== null);
  // The root has the same id in every organization, so it proves nothing where there was more
  const proof = below.length > 0 ? below : wanted;
  if (roots.length === 0 || proof.length === 0 || proof.some(([id]) => seen.has(id))) return null;
  return { kind: "answer_empty", held: held.size, seen: seen.size };
}

function incompletenessOf(reading: Reading, circles: number): SyncReason | null {
  const { unreadable, task, refusedWith } = reading;
  const chosen = task.include.filter((id) => unreadable.has(id)).length;
  const refused = refusedWith.departments;
  if (chosen > 0) return { kind: "choice_unreadable", count: chosen, ...refused };
  if (unreadable.size > 0) return { kind: "departments_unreadable", count: unreadable.size, ...refused };
  if (circles > 0) return { kind: "tree_contradictory", count: circles };
  return null;
}

type MembersQuestion = Omit<Findings, "members"> & { readonly options: ReadOptions };

async function findMembers(
  reading: Reading,
  { options, missing, incompleteFor, strangeness }: MembersQuestion,
): Promise<MissingMembers> {
  const members = noneMissing();
  const { checkpoint, loadDoubtfulMembers, loadMissingMembers } = options;
  if (checkpoint === null || reading.membersNotPermitted) return members;
  await checkpoint.drop(unneeded(reading));
  await checkpoint.flush();
  await readIndividuals(reading, members);
  if (loadDoubtfulMembers) await readAgain(reading, await loadDoubtfulMembers(), members);
  // Who is in none of the lists is missing only if all of them were read
  if (loadMissingMembers && incompleteFor === null && reading.membersUnreadable.size === 0) {
    const unmet = await loadMissingMembers(missing);
    if (strangeness === null) await lookUpMembers(reading, unmet, members);
    else for (const id of unmet) members.unproven.add(id);
  }
  await checkpoint.flush();
  return members;
}

/** Departments of which something was put and that are not in what was read. */
function unneeded({ known, membersBegun, seen }: Reading): string[] {
  const put = new Set([...known.lists.keys(), ...known.members.keys(), ...membersBegun]);
  return [...put].filter((id) => !seen.has(id));
}

type Findings = {
  readonly missing: Missing;
  readonly members: MissingMembers;
  readonly incompleteFor: SyncReason | null;
  readonly strangeness: Suspicion | null;
};

function toRead(reading: Reading, { missing, members, incompleteFor, strangeness }: Findings): ReadDirectory {
  const membersFor = membersIncompleteness(reading, members, incompleteFor);
  return {
    departments: reading.seen,
    ...missing,
    gone: incompleteFor === null ? missing.gone : new Set(),
    goneMembers: membersFor === null ? members.gone : new Set(),
    outOfScopeMembers: members.outOfScope,
    unprovenMembers: members.unproven,
    incompleteFor: incompleteFor ?? (membersFor?.kind === "members_unreadable" ? membersFor : null),
    membersIncompleteFor: membersFor,
    suspicion: strangeness ?? suspicionOf(reading, missing, members),
    scope: reading.scope,
    strategy: reading.strategy,
    leastCalls: Object.fromEntries(reading.leastCalls),
  };
}

function membersIncompleteness(
  { task, membersNotPermitted, membersUnreadable, refusedWith: { members: refused } }: Reading,
  { notPermitted, unproven }: MissingMembers,
  incompleteFor: SyncReason | null,
): SyncReason | null {
  if (task.checkpoint === null) return null;
  if (membersNotPermitted) return { kind: "members_not_permitted", ...refused };
  if (membersUnreadable.size > 0)
    return { kind: "members_unreadable", count: membersUnreadable.size, ...refused };
  if (notPermitted) return { kind: "members_unproven", count: unproven.size };
  return incompleteFor;
}

function suspicionOf({ memberRows }: Reading, missing: Missing, members: MissingMembers): Suspicion | null {
  const [departments, people] = [missing.outOfScope.size, members.outOfScope.size];
  if (departments + people > 0) return { kind: "scope_shrank", departments, members: people };
  if (memberRows + members.met === 0 && members.gone.size > 0)
    return { kind: "members_empty", held: members.gone.size };
  const tooMany = members.notPermitted ? 0 : members.unproven.size;
  if (missing.unproven.size + tooMany === 0) return null;
  return { kind: "too_many_missing", departments: missing.unproven.size, members: tooMany };
}
