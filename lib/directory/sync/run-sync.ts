import "server-only";
import type { DingtalkAttempt } from "@/lib/dingtalk/client";
import { DingtalkError } from "@/lib/dingtalk/errors";
import { AppError } from "@/lib/errors";
import { log } from "@/lib/log";
import type { AppRef, RunRef } from "../refs";
import { type RunProgress, trackProgress } from "../run-progress";
import { activeCheck } from "./active-check";
import { heldParents, loadHeldDepartments } from "./held-departments";
import { type HeldDepartment, planChanges } from "./plan";
import { checkedCalls, type DirectoryCalls } from "./reading/directory-calls";
import { readDirectory } from "./reading/read-directory";
import { withoutGuard } from "./reading/without-guard";
import { beginRun, failRun, isRunActive } from "./run-records";
import { RunIsOver, SyncFailure } from "./sync-failure";
import type { RunError } from "./sync-reasons";
import { writePlan } from "./write-plan";

/** What a sync works with. */
export type SyncTools = {
  /** The calls of an app. @throws {AppError} `not_found` for an app that is gone */
  readonly callsOf: (app: AppRef, onAttempt: (attempt: DingtalkAttempt) => void) => Promise<DirectoryCalls>;
  /** Waits until the job may run. @returns false when it is not to run any more */
  readonly awaitTurn: (signal: AbortSignal) => Promise<boolean>;
  readonly departmentsMax: number;
  readonly sleep: (ms: number) => Promise<unknown>;
  readonly progressEveryMs?: number;
  readonly rowsPerStatement?: number;
};

/**
 * Does the job of a sync: reads the app's directory, compares, writes. Whatever DingTalk does ends up in the
 * run, and the job is done; only a worker that stops or a database that is away make it worth another try,
 * which then takes the run over.
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
    await sync(run, { tools, progress, signal: stop.signal });
  } catch (error) {
    await progress.stop();
    if (error instanceof RunIsOver) return log.info("a run was over before its end", { runId: run.runId });
    signal.throwIfAborted();
    await settle(run, error, progress);
  } finally {
    signal.removeEventListener("abort", giveUp);
    await progress.stop();
  }
}

type Work = { readonly tools: SyncTools; readonly progress: RunProgress; readonly signal: AbortSignal };

async function sync(run: RunRef, { tools, progress, signal }: Work): Promise<void> {
  const calls = await tools.callsOf(run, (attempt) => progress.countAttempt(attempt));
  let held: ReadonlyMap<string, HeldDepartment> = new Map();
  const check = activeCheck({ isActive: () => isRunActive(run), sleep: tools.sleep });
  const reading = await readDirectory(checkedCalls(calls, check), {
    departmentsMax: tools.departmentsMax,
    membersMax: 0,
    onSeen: ({ departments }) => progress.setSeen(departments),
    include: [],
    exclude: new Set(),
    wantsDetails: null,
    checkpoint: null,
    loadHeld: async () => {
      held = await loadHeldDepartments(run);
      return heldParents(held);
    },
    signal,
  });
  const read = withoutGuard(reading);
  progress.setSeen(read.departments.size);

  await progress.enter("plan");
  const plan = planChanges(held, read);

  await progress.enter("write");
  await progress.stop();
  const counters = progress.counters();
  const { rowsPerStatement } = tools;
  const { incompleteFor } = read;
  await writePlan(run, plan, { incompleteFor, counters, ...(rowsPerStatement && { rowsPerStatement }) });
}

/** Writes down why a run came to nothing. @throws what makes the job worth another try */
async function settle(run: RunRef, error: unknown, progress: RunProgress): Promise<void> {
  if (error instanceof AppError && error.code === "unavailable") throw error;
  try {
    await failRun(run, { error, reason: reasonOf(error, run), counters: progress.counters() });
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
