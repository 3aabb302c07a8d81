import { log } from "@/lib/log";
import { explainFailure } from "./explain-failure";
import { noteStopping } from "./running-folder";

/** Ends something that runs. */
export type Step = () => Promise<unknown>;

/** The steps have this long together; afterwards each is only begun, so that the last ones aren't left out. */
const STEPS_MS_MAX = 14_000;
const LATE_STEP_MS_MAX = 500;
/** The process is gone after this time in any case. */
const STOP_MS_MAX = 18_000;
/** A terminal and npm may both send the same Ctrl-C. */
const SAME_SIGNAL_MS = 1_000;

async function runStep(step: Step, withinMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, withinMs);
  });
  const done = step().catch((error: unknown) => log.error("stopping", { error }));
  await Promise.race([done, late]);
  clearTimeout(timer);
}

/** Runs each step after the one before, and takes it from the list. Steps that are added meanwhile are run too. */
export async function runSteps(steps: Step[]): Promise<void> {
  const deadline = performance.now() + STEPS_MS_MAX;
  for (let step = steps.shift(); step; step = steps.shift()) {
    await runStep(step, Math.max(deadline - performance.now(), LATE_STEP_MS_MAX));
  }
}

/**
 * Ends the process in order at SIGTERM or SIGINT. A second Ctrl-C ends it at once.
 *
 * @param steps may grow while things are started: what runs at the moment of the signal is ended
 * @returns whether the process is being ended
 */
export function onStop(steps: Step[]): () => boolean {
  let stoppedAt: number | null = null;
  const stop = async (signal: NodeJS.Signals) => {
    if (stoppedAt !== null) {
      if (signal === "SIGINT" && performance.now() - stoppedAt > SAME_SIGNAL_MS) process.exit(1);
      return;
    }
    stoppedAt = performance.now();
    setTimeout(() => process.exit(1), STOP_MS_MAX).unref();
    noteStopping();
    await runSteps(steps);
    process.exit(0);
  };
  process.on("SIGTERM", (signal) => void stop(signal));
  process.on("SIGINT", (signal) => void stop(signal));
  return () => stoppedAt !== null;
}

/**
 * Runs a command that serves until a signal ends it, also in the middle of its start. A start that fails ends what it
 * has started, and prints one sentence where the operator can mend the failure.
 *
 * @param start adds to the front of the list what has to be ended again
 */
export function runService(start: (running: Step[]) => Promise<void>): void {
  const running: Step[] = [];
  const isStopping = onStop(running);
  start(running).catch(async (error: unknown) => {
    // A start that is interrupted fails because of that.
    if (isStopping()) return;
    await runSteps(running);
    console.error(explainFailure(error));
    process.exit(1);
  });
}
