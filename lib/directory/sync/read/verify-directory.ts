import type { IdsCrowd, Scope, VerifyingCalls } from "./directory-calls";
import { Lanes } from "./lanes";
import { type Patience, type PatientCalls, patientCalls } from "./patience";
import { isGone, isMemberGone, isMembersRefused, isNotPermitted, isRefused, isSameSet } from "./reading";

/** In what DingTalk's directory differs from what we hold: the first that was met. */
export type Difference =
  | { readonly kind: "scope" }
  | { readonly kind: "member_count"; readonly held: number; readonly told: number }
  | { readonly kind: "department_gone" | "children" | "members"; readonly departmentId: string };

export type Verified =
  | {
      readonly kind: "same";
      /** How many departments have the ids that we hold. */
      readonly departments: number;
      /** Whether the app has no permission to list members, so that only departments were compared. */
      readonly membersNotPermitted: boolean;
    }
  | { readonly kind: "different"; readonly difference: Difference }
  /** The directory is so small, or so cheap to read, that looking costs as much as reading. */
  | { readonly kind: "pointless" };

/** What we hold of a department and what is directly in it: nothing that is removed, kept by hand or out of scope. */
export type HeldInside = { readonly children: ReadonlySet<string>; readonly members: ReadonlySet<string> };

export type VerifyOptions = {
  /** How many calls a full walk takes. */
  readonly fullWalkCalls: number;
  /** From where on the app could read when everything was last read. */
  readonly scope: Scope;
  /** Departments that are left out by choice. */
  readonly exclude: ReadonlySet<string>;
  /** Whether members are held at all. */
  readonly hasMembers: boolean;
  /** How many people the organization has by what we hold; `null` where the app doesn't see all of them. */
  readonly membersHeld: number | null;
  /** Rises by one with each run, so that the departments looked at are those that were longest not. */
  readonly turn: number;
  /** The departments that we hold inside of, always in the same order. */
  readonly loadDepartmentIds: () => Promise<readonly string[]>;
  readonly loadInside: (departmentIds: readonly string[]) => Promise<ReadonlyMap<string, HeldInside>>;
  /** From 0 up to 1. */
  readonly random: () => number;
  /** How calls that fail by a passing fault are repeated. */
  readonly patience: Patience;
  readonly signal: AbortSignal;
};

/** Of a full walk's calls. */
const SHARE = 0.2;
/** Of these calls: to ask whether ids that we don't hold are within the app's scope at all. */
const STRANGERS_SHARE = 0.1;

/** Thrown to end everything at the first difference. */
class Different extends Error {
  override readonly name = "Different";
  readonly difference: Difference;

  constructor(difference: Difference) {
    super("the directory differs from what is held");
    this.difference = difference;
  }
}

/**
 * Looks whether DingTalk's directory still is what we hold, without reading it: ids only, of the departments that
 * were longest not looked at and of as many others. It writes nothing and removes nothing, and what it finds is worth
 * no more than a full walk. Names and details are none of its business.
 *
 * @throws what a call throws · the signal's reason when it aborts
 */
export async function verifyDirectory(asked: VerifyingCalls, options: VerifyOptions): Promise<Verified> {
  const calls = patientCalls(asked, options.patience);
  const plan = await planCalls(options);
  if (plan.departmentIds.length === 0) return { kind: "pointless" };
  const stop = new AbortController();
  const giveUp = () => stop.abort(options.signal.reason);
  options.signal.addEventListener("abort", giveUp, { once: true });
  try {
    options.signal.throwIfAborted();
    const look = { calls, options, stop, strangersLeft: plan.strangersMax, membersNotPermitted: false };
    await compare(look, plan.departmentIds);
    const { membersNotPermitted } = look;
    return { kind: "same", departments: plan.departmentIds.length, membersNotPermitted };
  } catch (error) {
    if (error instanceof Different) return { kind: "different", difference: error.difference };
    throw error;
  } finally {
    options.signal.removeEventListener("abort", giveUp);
    stop.abort();
  }
}

type Plan = { readonly departmentIds: readonly string[]; readonly strangersMax: number };

async function planCalls(options: VerifyOptions): Promise<Plan> {
  const { fullWalkCalls, hasMembers, membersHeld, loadDepartmentIds } = options;
  const callsMax = Math.floor(fullWalkCalls * SHARE) - (membersHeld === null ? 1 : 2);
  const strangersMax = Math.ceil(Math.max(0, callsMax) * STRANGERS_SHARE);
  const count = Math.floor((callsMax - strangersMax) / (hasMembers ? 2 : 1));
  if (count < 1) return { departmentIds: [], strangersMax };
  return { departmentIds: pick(await loadDepartmentIds(), count, options), strangersMax };
}

/** Half of them in their turn, the others by chance. */
export function pick(
  ids: readonly string[],
  count: number,
  { turn, random }: Pick<VerifyOptions, "turn" | "random">,
): string[] {
  if (ids.length <= count) return [...ids];
  const inTurn = Math.ceil(count / 2);
  const start = (turn * inTurn) % ids.length;
  const picked = new Set([...ids, ...ids].slice(start, start + inTurn));
  const rest = ids.filter((id) => !picked.has(id));
  for (let left = rest.length; picked.size < count; left -= 1) {
    const chosen = Math.floor(random() * left);
    picked.add(rest[chosen] ?? "");
    rest[chosen] = rest[left - 1] ?? "";
  }
  return [...picked];
}

type Look = {
  readonly calls: PatientCalls<VerifyingCalls>;
  readonly options: VerifyOptions;
  readonly stop: AbortController;
  strangersLeft: number;
  /** The app may not list members: a full run then leaves all of them alone too. */
  membersNotPermitted: boolean;
};

async function compare(look: Look, departmentIds: readonly string[]): Promise<void> {
  const { calls, options, stop } = look;
  const now = await calls.scopes(stop.signal);
  if (!isSameScope(now, options.scope)) throw new Different({ kind: "scope" });
  const { membersHeld: held, hasMembers } = options;
  if (held !== null) {
    const told = await unlessRefused(calls.countMembers(stop.signal), isNotPermitted);
    if (told !== null && told !== held) throw new Different({ kind: "member_count", held, told });
  }
  const inside = await options.loadInside(departmentIds);
  const insideOf = (id: string): HeldInside => inside.get(id) ?? { children: new Set(), members: new Set() };
  const lanes = new Lanes<IdsCrowd>({
    stop,
    atOnce: calls.atOnce,
    work: {
      listSubIds: (id) => compareChildren(look, id, insideOf(id).children),
      listMemberIds: (id) => compareMembers(look, id, insideOf(id).members),
    },
  });
  calls.onAside(() => lanes.refill());
  for (const id of departmentIds) {
    lanes.add("listSubIds", id);
    if (hasMembers) lanes.add("listMemberIds", id);
  }
  await lanes.done();
}

const isSameScope = (a: Scope, b: Scope): boolean =>
  isSameSet(a.departmentIds, b.departmentIds) && isSameSet(a.userIds, b.userIds);

async function compareChildren(look: Look, id: string, held: ReadonlySet<string>): Promise<void> {
  const { calls, options, stop } = look;
  const told = await unlessGone(id, calls.listSubIds(id, stop.signal));
  const wanted = (ids: Iterable<string>) => new Set([...ids].filter((each) => !options.exclude.has(each)));
  const sides = { told: wanted(told), held: wanted(held) };
  const ask = (child: string) => calls.get(child, stop.signal);
  if (await differs(look, sides, ask)) throw new Different({ kind: "children", departmentId: id });
}

async function compareMembers(look: Look, id: string, held: ReadonlySet<string>): Promise<void> {
  const { calls, stop } = look;
  if (look.membersNotPermitted) return;
  const listed = await unlessRefused(unlessGone(id, calls.listMemberIds(id, stop.signal)), (error) => {
    // So is every other department
    look.membersNotPermitted ||= isNotPermitted(error);
    return look.membersNotPermitted || isMembersRefused(error);
  });
  if (listed === null) return;
  const told = new Set(listed);
  const ask = (userId: string) => calls.getMember(userId, stop.signal);
  if (await differs(look, { told, held }, ask)) throw new Different({ kind: "members", departmentId: id });
}

type Sides = { readonly told: ReadonlySet<string>; readonly held: ReadonlySet<string> };

/** One that is held and not told is a difference; one that is told and not held only where the app may see it. */
async function differs(
  look: Look,
  { told, held }: Sides,
  ask: (id: string) => Promise<unknown>,
): Promise<boolean> {
  for (const id of held) if (!told.has(id)) return true;
  for (const id of told) {
    if (held.has(id)) continue;
    // Beyond that many nothing is known of them, and the next full walk will tell
    if (look.strangersLeft <= 0) return false;
    look.strangersLeft -= 1;
    if (await isVisible(ask(id))) return true;
  }
  return false;
}

/** Whether the app may see somebody, or might if it had the permission to ask. */
async function isVisible(asked: Promise<unknown>): Promise<boolean> {
  try {
    await asked;
    return true;
  } catch (error) {
    if (isRefused(error) || isMemberGone(error)) return false;
    if (isNotPermitted(error)) return true;
    throw error;
  }
}

/** @returns `null` where the call failed with an error that `isRefusal` accepts */
async function unlessRefused<T>(
  asked: Promise<T>,
  isRefusal: (error: unknown) => boolean,
): Promise<T | null> {
  try {
    return await asked;
  } catch (error) {
    if (isRefusal(error)) return null;
    throw error;
  }
}

async function unlessGone<T>(departmentId: string, asked: Promise<T>): Promise<T> {
  try {
    return await asked;
  } catch (error) {
    if (isGone(error)) throw new Different({ kind: "department_gone", departmentId });
    throw error;
  }
}
