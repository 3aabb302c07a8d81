import "server-only";
import type { ClientBase } from "pg";
import type { AppRef, RunRef } from "@/lib/app-ref";
import { inOrganizationSql } from "@/lib/db/unit-of-work";
import { endRun } from "../runs/end-run";
import { ZERO_COUNTS } from "../runs/run-counts";
import { RunIsOver } from "../runs/run-errors";
import type { Difference, Scope, SyncReason } from "../runs/run-reasons";
import { announceRun, type BegunRun, requireActive } from "../runs/run-records";
import type { RunCounters } from "../runs/run-states";
import type { ProgressTracker } from "../runs/track-progress";
import type { DirectoryStore, StoredContents, StoredDirectory } from "./directory-store";
import { CallQueues } from "./read/call-queues";
import {
  type ConcurrentIdsCall,
  isGone,
  isMemberGone,
  isMembersRefused,
  isNotPermitted,
  isRefused,
  type VerifyCalls,
} from "./read/directory-calls";
import { isSameSet } from "./read/read-state";
import { type RetryingCalls, type RetryOptions, retryingCalls } from "./read/retrying-calls";

type VerifyTools = {
  readonly calls: VerifyCalls;
  readonly store: DirectoryStore;
  readonly progress: ProgressTracker;
  readonly retry: RetryOptions;
  readonly signal: AbortSignal;
};

/**
 * Verifies the stored directory. Ends the run if it finds no difference. Otherwise the run continues as a full one.
 *
 * @returns whether the run has ended
 * @throws as `verifyDirectory` · {RunIsOver}
 */
export async function verifyRun(
  run: BegunRun,
  before: StoredDirectory,
  tools: VerifyTools,
): Promise<boolean> {
  const result = await compareWithStored(run, before, tools);
  if (result?.kind !== "same") {
    await continueAsFull(run, result?.kind === "different" ? result.difference : null);
    return false;
  }
  await tools.progress.stop();
  const error = result.membersNotPermitted ? ({ kind: "members_not_permitted" } as const) : null;
  await endVerifyRun(run, tools.progress.counters(), error);
  return true;
}

/** Returns `null` before the first complete read, when there is nothing to compare with. */
async function compareWithStored(
  run: BegunRun,
  { settings, scope }: StoredDirectory,
  { calls, store, retry, signal }: VerifyTools,
): Promise<VerifyResult | null> {
  const stored = await store.loadVerifyFigures(run.runId);
  if (scope === null || stored.leastCalls === null) return null;
  const seesAll =
    scope.departmentIds.includes("1") && settings.includeIds.length + settings.excludeIds.length === 0;
  return verifyDirectory(calls, {
    fullReadCalls: Object.values(stored.leastCalls).reduce((sum, count) => sum + count, 0),
    scope,
    exclude: new Set(settings.excludeIds),
    hasMembers: stored.members > 0,
    membersStored: seesAll && stored.members > 0 ? stored.members : null,
    turn: stored.turn,
    loadDepartmentIds: store.loadDepartmentIds,
    loadContents: store.loadContents,
    random: Math.random,
    retry,
    signal,
  });
}

/** Turns a verify run into a full one, and stores the difference that it found. @throws {RunIsOver} */
function continueAsFull(run: RunRef, difference: Difference | null): Promise<void> {
  return inOrganizationSql(run, async (client) => {
    const { rowCount } = await client.query(
      `UPDATE sync_run SET mode = 'full', difference = $3 WHERE organization_id = $1 AND id = $2 AND state = 'running'`,
      [run.organizationId, run.runId, difference && JSON.stringify(difference)],
    );
    if (rowCount !== 1) throw new RunIsOver();
    await announceRun(client, run);
  });
}

/**
 * Ends a verify run that found no difference.
 * @param error why only a part was compared, as a full run reports it
 * @throws {RunIsOver}
 */
function endVerifyRun(run: BegunRun, counters: RunCounters, error: SyncReason | null): Promise<void> {
  return inOrganizationSql(run, async (client) => {
    await requireActive(client, run);
    const revision = await recordVerified(client, run);
    await endRun(client, run, {
      state: "succeeded",
      isComplete: false,
      error,
      counters,
      counts: ZERO_COUNTS,
      revision,
    });
  });
}

async function recordVerified(client: ClientBase, { organizationId, appId }: AppRef): Promise<number> {
  const { rows } = await client.query<{ revision: number }>(
    `UPDATE directory SET verified_at = now() WHERE organization_id = $1 AND app_id = $2 RETURNING revision`,
    [organizationId, appId],
  );
  return rows[0]?.revision ?? 0;
}

export type VerifyResult =
  | {
      readonly kind: "same";
      readonly departments: number;
      /** The app lacks the permission to list members, so that only departments were compared. */
      readonly membersNotPermitted: boolean;
    }
  | { readonly kind: "different"; readonly difference: Difference }
  /** The directory is so small that verifying costs as many calls as reading. */
  | { readonly kind: "not_worthwhile" };

export type VerifyOptions = {
  readonly fullReadCalls: number;
  readonly scope: Scope;
  readonly exclude: ReadonlySet<string>;
  readonly hasMembers: boolean;
  /** Number of stored people; `null` when the app doesn't see the whole organization. */
  readonly membersStored: number | null;
  /** Rises by one with each run. Selects the departments that were not verified for the longest time. */
  readonly turn: number;
  /** Loads the stored departments, always in the same order. */
  readonly loadDepartmentIds: () => Promise<readonly string[]>;
  readonly loadContents: (departmentIds: readonly string[]) => Promise<ReadonlyMap<string, StoredContents>>;
  /** From 0 up to 1. */
  readonly random: () => number;
  readonly retry: RetryOptions;
  readonly signal: AbortSignal;
};

/** The share of a full read's calls that a verify run may make. */
const SHARE = 0.2;
/** The share of these calls for looking up unknown ids, to find out whether they are in the app's scope. */
const UNKNOWN_SHARE = 0.1;

/** Thrown to stop all queues at the first difference. */
class Different extends Error {
  override readonly name = "Different";
  readonly difference: Difference;

  constructor(difference: Difference) {
    super("the directory differs from the stored one");
    this.difference = difference;
  }
}

/**
 * Compares ids in a sample: departments that were not verified for the longest time, and as many random ones.
 * @throws what a call throws · the signal's reason when it aborts
 */
export async function verifyDirectory(rawCalls: VerifyCalls, options: VerifyOptions): Promise<VerifyResult> {
  const calls = retryingCalls(rawCalls, options.retry);
  const sample = await takeSample(options);
  if (sample.departmentIds.length === 0) return { kind: "not_worthwhile" };
  const stop = new AbortController();
  const giveUp = () => stop.abort(options.signal.reason);
  options.signal.addEventListener("abort", giveUp, { once: true });
  try {
    options.signal.throwIfAborted();
    const state = { calls, options, stop, unknownLeft: sample.unknownMax, membersNotPermitted: false };
    await compare(state, sample.departmentIds);
    const { membersNotPermitted } = state;
    return { kind: "same", departments: sample.departmentIds.length, membersNotPermitted };
  } catch (error) {
    if (error instanceof Different) return { kind: "different", difference: error.difference };
    throw error;
  } finally {
    options.signal.removeEventListener("abort", giveUp);
    stop.abort();
  }
}

type Sample = { readonly departmentIds: readonly string[]; readonly unknownMax: number };

async function takeSample(options: VerifyOptions): Promise<Sample> {
  const { fullReadCalls, hasMembers, membersStored, loadDepartmentIds } = options;
  const callsMax = Math.floor(fullReadCalls * SHARE) - (membersStored === null ? 1 : 2);
  const unknownMax = Math.ceil(Math.max(0, callsMax) * UNKNOWN_SHARE);
  const count = Math.floor((callsMax - unknownMax) / (hasMembers ? 2 : 1));
  if (count < 1) return { departmentIds: [], unknownMax };
  return { departmentIds: pick(await loadDepartmentIds(), count, options), unknownMax };
}

/** Picks one half of `count` by turn, and the other half at random. */
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

type VerifyState = {
  readonly calls: RetryingCalls<VerifyCalls>;
  readonly options: VerifyOptions;
  readonly stop: AbortController;
  unknownLeft: number;
  /** A full run ignores members in this case too. */
  membersNotPermitted: boolean;
};

async function compare(state: VerifyState, departmentIds: readonly string[]): Promise<void> {
  const { calls, options, stop } = state;
  const now = await calls.scopes(stop.signal);
  if (!isSameScope(now, options.scope)) throw new Different({ kind: "scope" });
  const { membersStored: held, hasMembers } = options;
  if (held !== null) {
    const count = await unlessRefused(calls.countMembers(stop.signal), isNotPermitted);
    if (count !== null && count !== held) throw new Different({ kind: "member_count", held, told: count });
  }
  const contents = await options.loadContents(departmentIds);
  const contentsOf = (id: string): StoredContents =>
    contents.get(id) ?? { children: new Set(), members: new Set() };
  const queues = new CallQueues<ConcurrentIdsCall>({
    stop,
    concurrencyOf: calls.concurrencyOf,
    work: {
      listSubIds: (id) => compareChildren(state, id, contentsOf(id).children),
      listMemberIds: (id) => compareMembers(state, id, contentsOf(id).members),
    },
  });
  calls.onPause(() => queues.refill());
  for (const id of departmentIds) {
    queues.add("listSubIds", id);
    if (hasMembers) queues.add("listMemberIds", id);
  }
  await queues.done();
}

const isSameScope = (a: Scope, b: Scope): boolean =>
  isSameSet(a.departmentIds, b.departmentIds) && isSameSet(a.userIds, b.userIds);

async function compareChildren(state: VerifyState, id: string, stored: ReadonlySet<string>): Promise<void> {
  const { calls, options, stop } = state;
  const listed = await unlessGone(id, calls.listSubIds(id, stop.signal));
  const included = (ids: Iterable<string>) => new Set([...ids].filter((each) => !options.exclude.has(each)));
  const sides = { listed: included(listed), stored: included(stored) };
  const lookUp = (child: string) => calls.get(child, stop.signal);
  if (await differs(state, sides, lookUp)) throw new Different({ kind: "children", departmentId: id });
}

async function compareMembers(state: VerifyState, id: string, stored: ReadonlySet<string>): Promise<void> {
  const { calls, stop } = state;
  if (state.membersNotPermitted) return;
  const ids = await unlessRefused(unlessGone(id, calls.listMemberIds(id, stop.signal)), (error) => {
    state.membersNotPermitted ||= isNotPermitted(error);
    return state.membersNotPermitted || isMembersRefused(error);
  });
  if (ids === null) return;
  const lookUp = (userId: string) => calls.getMember(userId, stop.signal);
  const sides = { listed: new Set(ids), stored };
  if (await differs(state, sides, lookUp)) throw new Different({ kind: "members", departmentId: id });
}

type Sides = { readonly listed: ReadonlySet<string>; readonly stored: ReadonlySet<string> };

/** A stored id that is not listed is a difference. A listed id that is not stored is one only if the app may see it. */
async function differs(
  state: VerifyState,
  { listed, stored }: Sides,
  lookUp: (id: string) => Promise<unknown>,
): Promise<boolean> {
  for (const id of stored) if (!listed.has(id)) return true;
  for (const id of listed) {
    if (stored.has(id)) continue;
    // Too many unknown ids to look up. The next full run reads them
    if (state.unknownLeft <= 0) return false;
    state.unknownLeft -= 1;
    if (await isVisible(lookUp(id))) return true;
  }
  return false;
}

/** Returns whether the app may see the id, or might with the permission to look it up. */
async function isVisible(call: Promise<unknown>): Promise<boolean> {
  try {
    await call;
    return true;
  } catch (error) {
    if (isRefused(error) || isMemberGone(error)) return false;
    if (isNotPermitted(error)) return true;
    throw error;
  }
}

/** Returns `null` when the call fails with an error that `isRefusal` accepts. */
async function unlessRefused<T>(call: Promise<T>, isRefusal: (error: unknown) => boolean): Promise<T | null> {
  try {
    return await call;
  } catch (error) {
    if (isRefusal(error)) return null;
    throw error;
  }
}

async function unlessGone<T>(departmentId: string, call: Promise<T>): Promise<T> {
  try {
    return await call;
  } catch (error) {
    if (isGone(error)) throw new Different({ kind: "department_gone", departmentId });
    throw error;
  }
}
