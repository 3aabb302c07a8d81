import "server-only";
import type { AppRef, RunRef } from "@/lib/app-ref";
import type { DingtalkAttempt } from "@/lib/dingtalk/client";
import { DingtalkError } from "@/lib/dingtalk/errors";
import { AppError } from "@/lib/errors";
import { log } from "@/lib/log";
import { personalSealer } from "../personal/sealed-values";
import { beginRun } from "../runs/begin-run";
import { requeueRun } from "../runs/end-run";
import { failRun } from "../runs/failed-runs";
import { RunIsOver, SyncFailure, TurnIsOver } from "../runs/run-errors";
import type { RunError } from "../runs/run-reasons";
import { type BegunRun, isRunActive } from "../runs/run-records";
import { type ProgressTracker, trackProgress } from "../runs/track-progress";
import { applyRun } from "./apply-run";
import {
  type DirectoryStore,
  directoryStore,
  type StoredDepartment,
  type StoredDirectory,
  storedParents,
} from "./directory-store";
import { planRun } from "./plan/plan-run";
import { databaseCheckpoint, deleteCheckpoint } from "./read/database-checkpoint";
import type { CallsOptions, DirectoryCalls, VerifyCalls } from "./read/directory-calls";
import { type ReadDirectory, readDirectory } from "./read/read-directory";
import { activeCheck, type RetryOptions } from "./read/retrying-calls";
import { wantsDetails } from "./read/wanted-details";
import { guardRun } from "./removal-guard";
import { verifyRun } from "./verify-run";

export type SyncTools = {
  readonly callsOf: (
    app: AppRef,
    onAttempt: (attempt: DingtalkAttempt) => void,
    options?: CallsOptions,
  ) => Promise<DirectoryCalls>;
  readonly verifyCallsOf: (
    app: AppRef,
    onAttempt: (attempt: DingtalkAttempt) => void,
  ) => Promise<VerifyCalls>;
  /** Waits until the job may run. @returns false when the job is no longer this worker's */
  readonly awaitTurn: (signal: AbortSignal) => Promise<boolean>;
  /** Resolves when the run must stop and continue in a later turn. Used only while the run reads DingTalk. */
  readonly awaitTurnEnd: (signal: AbortSignal) => Promise<void>;
  readonly departmentsMax: number;
  readonly membersMax: number;
  readonly sleep: RetryOptions["sleep"];
  readonly pausesMs?: readonly number[];
  readonly progressEveryMs?: number;
};

/**
 * Does a sync job: reads, plans, guards and applies. A failure of DingTalk ends in the run's record; a stopping worker
 * or a database outage fails the job, whose next attempt resumes the run.
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
    await runStages(run, { tools, progress, stop });
  } catch (error) {
    await progress.stop();
    if (stop.signal.reason instanceof TurnIsOver) return await queueAgain(run, progress);
    if (error instanceof RunIsOver) return log.info("run ended elsewhere", { runId: run.runId });
    signal.throwIfAborted();
    await endFailed(run, error, progress);
  } finally {
    signal.removeEventListener("abort", giveUp);
    await progress.stop();
  }
}

type Begun = {
  readonly tools: SyncTools;
  readonly progress: ProgressTracker;
  readonly stop: AbortController;
};

/** Context of a run that is the same for verifying and reading. */
type Work = Omit<Begun, "stop"> & {
  readonly store: DirectoryStore;
  /** The stored directory before the run. */
  readonly before: StoredDirectory;
  readonly retry: RetryOptions;
  readonly signal: AbortSignal;
};

/** Each stage has a transaction of its own. Only the last one changes the directory. */
async function runStages(run: BegunRun, { tools, progress, stop }: Begun): Promise<void> {
  const { signal } = stop;
  const store = directoryStore(run);
  const before = await store.loadDirectory();
  const check = activeCheck({ isActive: () => isRunActive(run), sleep: (ms) => tools.sleep(ms, signal) });
  const work = { tools, progress, store, before, retry: { ...tools, check }, signal };
  if (run.mode === "verify" && (await withinTurn(tools, stop, () => verify(run, work)))) return;

  const { read, stored } = await withinTurn(tools, stop, () => readAll(run, work));

  await progress.enter("plan");
  const counts = await planRun(run, read, stored);
  progress.setSeen({ departmentsSeen: read.departments.size, membersSeen: counts.members.seen });

  await progress.enter("check");
  const heldFor = await guardRun(store, { read, counts }, before);

  await progress.enter("write");
  await progress.stop();
  signal.throwIfAborted();
  await applyRun(run, { read, counts, heldFor }, progress.counters());
  await deleteCheckpoint(run);
}

/** Runs `read`, and aborts it when the run's turn ends. The later stages are short and are not interrupted. */
async function withinTurn<T>(tools: SyncTools, stop: AbortController, read: () => Promise<T>): Promise<T> {
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

/** @returns whether the run has ended */
async function verify(run: BegunRun, { tools, progress, store, before, retry, signal }: Work) {
  const calls = await tools.verifyCallsOf(run, (attempt) => progress.countAttempt(attempt));
  return verifyRun(run, before, { calls, store, progress, retry, signal });
}

async function readAll(
  run: BegunRun,
  { tools, progress, store, before, retry, signal }: Work,
): Promise<{ read: ReadDirectory; stored: ReadonlyMap<string, StoredDepartment> }> {
  const { settings, keepsPersonal, triesWhole } = before;
  const count = (attempt: DingtalkAttempt) => progress.countAttempt(attempt);
  const calls = await tools.callsOf(run, count, { keepsPersonal, triesWhole });
  const seal = keepsPersonal ? await personalSealer(run) : null;
  const checkpoint = databaseCheckpoint(run, seal);
  let stored = await store.loadDepartments();
  const details = { detailsDays: settings.detailsDays, now: new Date() };
  const read = await readDirectory(calls, {
    departmentsMax: tools.departmentsMax,
    membersMax: tools.membersMax,
    onProgress: ({ departments, members }) =>
      progress.setSeen({ departmentsSeen: departments, membersSeen: members }),
    include: settings.includeIds,
    exclude: new Set(settings.excludeIds),
    wantsDetails: settings.readsDetails ? wantsDetails(stored, details) : null,
    // A failure costs the next run one call. This run continues level by level
    onWholeRefused: (reason) =>
      void store
        .recordWholeListing(reason === "missing_permission" ? "not_allowed" : "too_large")
        .catch((error: unknown) => log.warn("whole listing refusal not stored", { runId: run.runId, error })),
    checkpoint,
    loadStored: async () => {
      // Frees the earlier rows first: both would double the memory
      stored = new Map();
      stored = await store.loadDepartments();
      return storedParents(stored);
    },
    retry,
    signal,
  }).catch(async (error: unknown) => {
    // The next turn resumes from the checkpoint, so buffered answers must be stored
    if (signal.reason instanceof TurnIsOver) await checkpoint.flush();
    throw error;
  });
  if (read.strategy === "whole") await store.recordWholeListing("allowed");
  return { read, stored };
}

async function queueAgain(run: BegunRun, progress: ProgressTracker): Promise<void> {
  try {
    await requeueRun(run, progress.counters());
    log.info("sync run queued again at the end of its turn", { runId: run.runId });
  } catch (error) {
    if (!(error instanceof RunIsOver)) throw error;
  }
}

/** Ends a failed run with its reason. @throws a database outage, for which the job is retried */
async function endFailed(run: BegunRun, error: unknown, progress: ProgressTracker): Promise<void> {
  if (error instanceof AppError && error.code === "unavailable") throw error;
  try {
    const failure = { error, reason: reasonOf(error, run), counters: progress.counters() };
    if (!(await failRun(run, failure))) await deleteCheckpoint(run);
  } catch (failure) {
    // The run or its app was deleted, which probably caused the error
    if (!(failure instanceof RunIsOver)) throw failure;
  }
}

/** Returns the part of an error that is stored and shown, which never contains a token or a cause. */
function reasonOf(error: unknown, { runId }: RunRef): RunError {
  if (error instanceof DingtalkError) return error.describe();
  if (error instanceof SyncFailure) return error.reason;
  // The token service gives no token to an app that was disabled during the run
  if (error instanceof AppError && error.code === "conflict") return { kind: "app_disabled" };
  log.error("sync run failed by an internal error", { runId, error });
  return { kind: "internal" };
}
