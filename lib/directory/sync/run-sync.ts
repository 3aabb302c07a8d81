import "server-only";
import type { AppRef, RunRef } from "@/lib/app-ref";
import { inOrganizationSql, LIMITS } from "@/lib/db/unit-of-work";
import type { DingtalkAttempt } from "@/lib/dingtalk/client";
import { DingtalkError } from "@/lib/dingtalk/errors";
import { AppError } from "@/lib/errors";
import { log } from "@/lib/log";
import { personalSealer } from "../personal/personal-values";
import { RunIsOver, SyncFailure, TurnIsOver } from "../runs/run-failures";
import type { RunError } from "../runs/run-reasons";
import { type BegunRun, beginRun, failRun, isRunActive, requeueRun } from "../runs/run-records";
import { type RunProgress, trackProgress } from "../runs/track-progress";
import { checkRun, finishRun, planRun } from "./apply-run";
import type { HeldDepartment } from "./plan/diff-departments";
import { findDoubtfulMembers, findMissingMembers } from "./plan/walk-members";
import { activeCheck } from "./read/active-check";
import { clearWalk, databaseCheckpoint } from "./read/database-checkpoint";
import {
  type CallsOptions,
  checkedCalls,
  checkedVerifying,
  type DirectoryCalls,
  type VerifyingCalls,
} from "./read/directory-calls";
import type { Patience } from "./read/patience";
import { type ReadDirectory, readDirectory } from "./read/read-directory";
import type { WholeRefusal } from "./read/reading";
import { heldParents, loadHeldDepartments } from "./read/stored-departments";
import { type DirectoryBefore, noteWholeListing, readBefore } from "./read/stored-directory";
import { wantsDetails } from "./read/wanted-details";
import { finishVerifying, goOnAsFull, verifyHeld } from "./verify/verify-run";

/** What a sync works with. */
export type SyncTools = {
  /** The calls of an app. @throws {AppError} `not_found` for an app that is gone */
  readonly callsOf: (
    app: AppRef,
    onAttempt: (attempt: DingtalkAttempt) => void,
    options?: CallsOptions,
  ) => Promise<DirectoryCalls>;
  /** The calls of an app with which a verifying run looks after its directory. @throws as `callsOf` */
  readonly verifyingCallsOf: (
    app: AppRef,
    onAttempt: (attempt: DingtalkAttempt) => void,
  ) => Promise<VerifyingCalls>;
  /** Waits until the job may run. @returns false when it is not to run any more */
  readonly awaitTurn: (signal: AbortSignal) => Promise<boolean>;
  /** Resolves when the run must stop and continue in a later turn. Used only while the run reads DingTalk. */
  readonly awaitTurnEnd: (signal: AbortSignal) => Promise<void>;
  readonly departmentsMax: number;
  /** Rows, of which somebody in several departments has several. */
  readonly membersMax: number;
  /** Rejects with the signal's reason when it aborts. */
  readonly sleep: Patience["sleep"];
  /** The pauses before a call is made again that failed by a passing fault. Default `PAUSES_MS`. */
  readonly pausesMs?: readonly number[];
  readonly progressEveryMs?: number;
};

/**
 * Does the job of a sync: reads the app's directory, compares, writes. Whatever DingTalk does ends up in the
 * run, and the job is done; only a worker that stops or a database that is away make it worth another try,
 * which then takes the run over. A run whose turn is over is queued again and continues
 * from its checkpoint.
 *
 * @param signal aborts when the worker stops
 * @throws the signal's reason · {AppError} `unavailable`
 */
export async function runSync(job: RunRef, signal: AbortSignal, tools: SyncTools): Promise<void> {
  if (!(await tools.awaitTurn(signal))) return;
  const run = await beginRun(job);
  if (run === null) return;

  const stop = new AbortController();
  const giveUp = () => stop.abort(signal.reason);
  signal.addEventListener("abort", giveUp, { once: true });
  const progress = trackProgress(run, () => stop.abort(new RunIsOver()), tools.progressEveryMs);
  try {
    signal.throwIfAborted();
    await sync(run, { tools, progress, stop });
  } catch (error) {
    await progress.stop();
    if (stop.signal.reason instanceof TurnIsOver) return await queueAgain(run, progress);
    if (error instanceof RunIsOver) return log.info("a run was over before its end", { runId: run.runId });
    signal.throwIfAborted();
    await settle(run, error, progress);
  } finally {
    signal.removeEventListener("abort", giveUp);
    await progress.stop();
  }
}

type Work = { readonly tools: SyncTools; readonly progress: RunProgress; readonly signal: AbortSignal };
type Stoppable = Omit<Work, "signal"> & { readonly stop: AbortController };

async function sync(run: BegunRun, { tools, progress, stop }: Stoppable): Promise<void> {
  const { signal } = stop;
  const before = await readBefore(run);
  const work = { tools, progress, signal };
  const isVerified = run.mode === "verify" && (await inTurn(tools, stop, () => verify(run, before, work)));
  if (isVerified) return;
  const { read, held } = await inTurn(tools, stop, () => readAll(run, before, work));

  await progress.enter("plan");
  const counts = await planRun(run, read, held);
  progress.setSeen({ departmentsSeen: read.departments.size, membersSeen: counts.members.seen });

  await progress.enter("check");
  const heldFor = await checkRun(run, { read, counts }, before);

  await progress.enter("write");
  await progress.stop();
  signal.throwIfAborted();
  await finishRun(run, { read, counts, heldFor }, progress.counters());
  await endWalk(run);
}

/** Runs `read`, and aborts it when the run's turn ends. The later stages take moments and are not interrupted. */
async function inTurn<T>(tools: SyncTools, stop: AbortController, read: () => Promise<T>): Promise<T> {
  const done = new AbortController();
  void tools.awaitTurnEnd(AbortSignal.any([stop.signal, done.signal])).then(
    () => stop.abort(new TurnIsOver()),
    () => {},
  );
  try {
    return await read();
  } finally {
    done.abort();
  }
}

/**
 * Looks whether the directory still is what is held. At the first difference the run goes on as a full one.
 *
 * @returns whether that was all there was to do
 */
async function verify(run: BegunRun, before: DirectoryBefore, { tools, progress, signal }: Work) {
  const calls = await tools.verifyingCallsOf(run, (attempt) => progress.countAttempt(attempt));
  const verified = await verifyHeld(run, before, {
    calls: checkedVerifying(calls, checkOf(run, { tools, signal })),
    patience: tools,
    signal,
  });
  if (verified?.kind !== "same") {
    await goOnAsFull(run, verified?.kind === "different" ? verified.difference : null);
    return false;
  }
  await progress.stop();
  await finishVerifying(
    run,
    progress.counters(),
    verified.membersNotPermitted ? { kind: "members_not_permitted" } : null,
  );
  return true;
}

/** Asks before each call whether the run is still this worker's. */
const checkOf = (run: RunRef, { tools, signal }: Pick<Work, "tools" | "signal">) =>
  activeCheck({ isActive: () => isRunActive(run), sleep: (ms) => tools.sleep(ms, signal) });

type Held = ReadonlyMap<string, HeldDepartment>;

async function readAll(
  run: BegunRun,
  before: DirectoryBefore,
  { tools, progress, signal }: Work,
): Promise<{ read: ReadDirectory; held: Held }> {
  const { settings, keepsPersonal, triesWhole } = before;
  const count = (attempt: DingtalkAttempt) => progress.countAttempt(attempt);
  const calls = await tools.callsOf(run, count, { keepsPersonal, triesWhole });
  const check = checkOf(run, { tools, signal });
  const seal = keepsPersonal ? await personalSealer(run) : null;
  const checkpoint = databaseCheckpoint(run, seal);
  let held = await loadHeldDepartments(run);
  const details = { detailsDays: settings.detailsDays, now: new Date() };
  const read = await readDirectory(checkedCalls(calls, check), {
    departmentsMax: tools.departmentsMax,
    membersMax: tools.membersMax,
    onSeen: ({ departments, members }) =>
      progress.setSeen({ departmentsSeen: departments, membersSeen: members }),
    include: settings.includeIds,
    exclude: new Set(settings.excludeIds),
    wantsDetails: settings.readsDetails ? wantsDetails(held, details) : null,
    onWholeRefused: (reason) => void rememberRefusal(run, reason),
    checkpoint,
    loadHeld: async () => {
      // The one before is nobody's any more, and both would be much
      held = new Map();
      held = await loadHeldDepartments(run);
      return heldParents(held);
    },
    loadMissingMembers: (departments) => findMissingMembers(run, departments),
    loadDoubtfulMembers: () => findDoubtfulMembers(run),
    patience: tools,
    signal,
  }).catch(async (error: unknown) => {
    // The next turn starts from the checkpoint, so the checkpoint must be complete.
    if (signal.reason instanceof TurnIsOver) await checkpoint.flush();
    throw error;
  });
  if (read.strategy === "whole") await noteWholeListing(run, "allowed");
  return { read, held };
}

/** Whether or not it is remembered, this run goes on level by level. */
async function rememberRefusal(run: RunRef, reason: WholeRefusal): Promise<void> {
  const listing = reason === "missing_permission" ? "not_allowed" : "too_large";
  await noteWholeListing(run, listing).catch((error: unknown) =>
    log.warn("it was not remembered that the whole tree is not given at once", { runId: run.runId, error }),
  );
}

/** What was read is worth nothing any more. Where it stays, housekeeping takes it away. */
async function endWalk(run: BegunRun): Promise<void> {
  await inOrganizationSql(run, (client) => clearWalk(client, run), LIMITS.directory).catch((error: unknown) =>
    log.warn("what a walk has read was not taken away", { runId: run.runId, error }),
  );
}

async function queueAgain(run: BegunRun, progress: RunProgress): Promise<void> {
  try {
    await requeueRun(run, progress.counters());
    log.info("sync run queued again at the end of its turn", { runId: run.runId });
  } catch (error) {
    if (!(error instanceof RunIsOver)) throw error;
  }
}

/** Writes down why a run came to nothing. @throws what makes the job worth another try */
async function settle(run: BegunRun, error: unknown, progress: RunProgress): Promise<void> {
  if (error instanceof AppError && error.code === "unavailable") throw error;
  try {
    const failure = { error, reason: reasonOf(error, run), counters: progress.counters() };
    if (!(await failRun(run, failure))) await endWalk(run);
  } catch (failure) {
    // Deleted, most likely, which is then what made the sync fail
    if (!(failure instanceof RunIsOver)) throw failure;
  }
}

/** Plain data: what is stored and shown, and never a token or a cause. */
function reasonOf(error: unknown, { runId }: RunRef): RunError {
  if (error instanceof DingtalkError) return error.describe();
  if (error instanceof SyncFailure) return error.reason;
  // The token's keeper has none for an app that somebody disabled meanwhile
  if (error instanceof AppError && error.code === "conflict") return { kind: "app_disabled" };
  log.error("a sync failed by a fault of ours", { runId, error });
  return { kind: "internal" };
}
