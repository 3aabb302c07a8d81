import { type HeldParents, lookUpMissing } from "./look-up-missing";
import { type DirectoryCalls, type Reading, ScopeChanged, type Seen } from "./reading";
import { cutCircles, settleDoubts } from "./settle-doubts";
import { SyncFailure } from "./sync-failure";
import type { SyncReason } from "./sync-reasons";
import { readRoots, walk } from "./walk";

/** All that an app may read of its directory. */
export type ReadDirectory = {
  readonly departments: ReadonlyMap<string, Seen>;
  /** Held before, and gone by DingTalk's own word; empty where the reading was not complete. */
  readonly gone: ReadonlySet<string>;
  /** Why what is not in it must not be taken for gone; `null` for a complete reading. */
  readonly incompleteFor: SyncReason | null;
};

export type ReadOptions = {
  readonly departmentsMax: number;
  readonly onSeen: (count: number) => void;
  /** The departments that we hold and that are not removed; asked for when the tree has been read. */
  readonly loadHeld: () => Promise<HeldParents>;
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
  try {
    return await readFrom(calls, await calls.scopeRoots(options.signal), options);
  } catch (error) {
    if (!(error instanceof ScopeChanged)) throw error;
    return await readFrom(calls, error.roots, options).catch((again: unknown) => {
      throw again instanceof ScopeChanged ? new SyncFailure({ kind: "scope_unsteady" }) : again;
    });
  }
}

async function readFrom(
  calls: DirectoryCalls,
  scopeRoots: readonly string[],
  { departmentsMax, onSeen, loadHeld, signal }: ReadOptions,
): Promise<ReadDirectory> {
  const roots = [...new Set(scopeRoots)];
  if (roots.length === 0) throw new SyncFailure({ kind: "scope_empty" });
  const stop = new AbortController();
  const giveUp = () => stop.abort(signal.reason);
  signal.addEventListener("abort", giveUp, { once: true });
  const reading: Reading = {
    calls,
    atOnce: calls.atOnce,
    departmentsMax,
    onSeen,
    stop,
    roots,
    seen: new Map(),
    doubtful: new Map(),
    unreadable: new Set(),
    scopeAgain: null,
  };
  try {
    signal.throwIfAborted();
    return await readAll(reading, loadHeld);
  } finally {
    signal.removeEventListener("abort", giveUp);
    stop.abort();
  }
}

const NOTHING: ReadonlySet<string> = new Set();

async function readAll(reading: Reading, loadHeld: ReadOptions["loadHeld"]): Promise<ReadDirectory> {
  await walk(reading, await readRoots(reading));
  const held = await loadHeld();
  requireSomethingInCommon(reading, held);
  // What could not be read may be anywhere, so looking for what is missing would prove nothing
  const isWhole = reading.unreadable.size === 0;
  const { gone, outOfScope } = isWhole
    ? await lookUpMissing(reading, held)
    : { gone: NOTHING, outOfScope: NOTHING };
  await settleDoubts(reading);
  const circles = cutCircles(reading);

  const kept = [...held.keys()].filter((id) => !reading.seen.has(id) && !gone.has(id));
  const incompleteFor = incompletenessOf({
    unreadable: reading.unreadable.size,
    circles,
    outOfScope: outOfScope.size > 0 ? kept.length : 0,
  });
  return { departments: reading.seen, gone: incompleteFor === null ? gone : NOTHING, incompleteFor };
}

type Findings = { readonly unreadable: number; readonly circles: number; readonly outOfScope: number };

function incompletenessOf({ unreadable, circles, outOfScope }: Findings): SyncReason | null {
  if (unreadable > 0) return { kind: "departments_unreadable", count: unreadable };
  if (circles > 0) return { kind: "tree_contradictory", count: circles };
  if (outOfScope > 0) return { kind: "scope_shrank", count: outOfScope };
  return null;
}

/**
 * An answer that names nothing of what we hold is a fault or another organization's, whatever it says: there
 * is no such change of a directory that anybody makes.
 */
function requireSomethingInCommon(reading: Reading, held: HeldParents): void {
  const below = [...held].filter(([, parentId]) => parentId !== null);
  // The root has the same id in every organization, so it proves nothing where there was more
  const proof = below.length > 0 ? below : [...held];
  if (proof.length === 0 || proof.some(([id]) => reading.seen.has(id))) return;
  throw new SyncFailure({ kind: "answer_empty", held: held.size, seen: reading.seen.size });
}
