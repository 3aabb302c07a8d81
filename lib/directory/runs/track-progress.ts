import "server-only";
import type { RunRef } from "@/lib/app-ref";
import type { DingtalkAttempt } from "@/lib/dingtalk/client";
import { log } from "@/lib/log";
import type { RunStage } from "./run-reasons";
import { type BegunRun, type RunCounters, recordProgress } from "./run-records";

const EVERY_MS = 500;
const NOTHING_DONE = { departmentsSeen: 0, membersSeen: 0, calls: 0, throttles: 0, callsByApi: {} };

/** Counts what a run does, and writes it down now and then. */
export type RunProgress = {
  countAttempt(attempt: DingtalkAttempt): void;
  setSeen(seen: Pick<RunCounters, "departmentsSeen" | "membersSeen">): void;
  /** Written at once, since it is what people look at. */
  enter(stage: RunStage): Promise<void>;
  counters(): RunCounters;
  /** Ends the writing, also of what is under way. */
  stop(): Promise<void>;
};

/**
 * Tracks a run's counters, starting from those of its earlier turns.
 *
 * @param onOver called when the run turns out not to be this worker's any more
 */
export function trackProgress(
  run: RunRef & Pick<BegunRun, "before">,
  onOver: () => void,
  everyMs: number = EVERY_MS,
): RunProgress {
  const { callsByApi: before, ...done } = run.before ?? NOTHING_DONE;
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
      // The next one says the same and more; a database that stays away ends the run elsewhere
      log.debug("the progress of a run was not written", { runId: run.runId, error });
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
