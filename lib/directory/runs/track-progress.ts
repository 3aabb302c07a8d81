import "server-only";
import type { RunRef } from "@/lib/app-ref";
import { inOrganizationSql } from "@/lib/db/unit-of-work";
import type { DingtalkAttempt } from "@/lib/dingtalk/client";
import { log } from "@/lib/log";
import { announceRun, type BegunRun, counterValues } from "./run-records";
import type { RunCounters, RunStage } from "./run-states";

const EVERY_MS = 500;
const ZERO_COUNTERS: RunCounters = {
  departmentsSeen: 0,
  membersSeen: 0,
  calls: 0,
  throttles: 0,
  callsByApi: {},
};

export type ProgressTracker = {
  countAttempt(attempt: DingtalkAttempt): void;
  setSeen(seen: Pick<RunCounters, "departmentsSeen" | "membersSeen">): void;
  /** Sets the stage and stores it at once, because pages show it. */
  enter(stage: RunStage): Promise<void>;
  counters(): RunCounters;
  stop(): Promise<void>;
};

/** Tracks a run's progress from earlier counters. @param onOver called when the run is no longer this worker's */
export function trackProgress(
  run: RunRef & Pick<BegunRun, "before">,
  onOver: () => void,
  everyMs: number = EVERY_MS,
): ProgressTracker {
  const { callsByApi: before, ...done } = run.before ?? ZERO_COUNTERS;
  const counters = { ...done };
  const callsByApi: Record<string, number> = { ...before };
  let stage: RunStage = "read";
  let written = "";
  let writing = Promise.resolve();

  const write = async () => {
    const now = JSON.stringify([stage, counters]);
    if (now === written) return;
    try {
      if (!(await recordProgress(run, { ...counters, callsByApi, stage }))) onOver();
      written = now;
    } catch (error) {
      // The next write repeats these counters. When the database stays away, the check before each call ends the run
      log.debug("run progress not stored", { runId: run.runId, error });
    }
  };
  const writeInTurn = () => (writing = writing.then(write));
  const timer = setInterval(() => void writeInTurn(), everyMs);
  timer.unref();
  return {
    countAttempt({ api, outcome }) {
      counters.calls += 1;
      callsByApi[api] = (callsByApi[api] ?? 0) + 1;
      if (outcome === "throttled") counters.throttles += 1;
    },
    setSeen(seen) {
      Object.assign(counters, seen);
    },
    enter(next) {
      stage = next;
      return writeInTurn();
    },
    counters: () => ({ ...counters, callsByApi: { ...callsByApi } }),
    async stop() {
      clearInterval(timer);
      await writing;
    },
  };
}

/** Stores a run's progress. @returns false when the run is over, and nothing was written */
export function recordProgress(
  run: RunRef,
  progress: RunCounters & { readonly stage: RunStage },
): Promise<boolean> {
  return inOrganizationSql(run, async (client) => {
    const { rowCount } = await client.query(
      `UPDATE sync_run SET stage = $3, departments_seen = $4, members_seen = $5, calls = $6, throttles = $7, calls_by_api = $8
       WHERE organization_id = $1 AND id = $2 AND state = 'running'`,
      [run.organizationId, run.runId, progress.stage, ...counterValues(progress)],
    );
    if (rowCount === 1) await announceRun(client, run);
    return rowCount === 1;
  });
}
