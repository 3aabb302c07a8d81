import { log } from "@/lib/log";
import { explainFailure } from "./explain-failure";
import { recordStopping } from "./single-instance";

/** Stops one part of the process. */
export type Step = () => Promise<unknown>;

/**
 * Time for all steps together. After that, each step is started but not waited for, so that the last ones still run.
 */
const STEPS_MS_MAX = 14_000;
const LATE_STEP_MS_MAX = 500;
/** The process exits after this time in any case. */
const STOP_MS_MAX = 18_000;
/** A terminal and npm may both send SIGINT for one Ctrl-C. */
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

/** Runs the steps in sequence and removes them from the list. Steps that are added meanwhile run too. */
export async function runSteps(steps: Step[]): Promise<void> {
  const deadline = performance.now() + STEPS_MS_MAX;
  for (let step = steps.shift(); step; step = steps.shift()) {
    await runStep(step, Math.max(deadline - performance.now(), LATE_STEP_MS_MAX));
  }
}

/**
 * Stops the process in order at SIGTERM or SIGINT. A second Ctrl-C exits at once.
 *
 * @param steps may grow while parts start; the steps present at the signal are run
 * @returns a function that tells whether the process is stopping
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
    recordStopping();
    await runSteps(steps);
    process.exit(0);
  };
  process.on("SIGTERM", (signal) => void stop(signal));
  process.on("SIGINT", (signal) => void stop(signal));
  return () => stoppedAt !== null;
}

/**
 * Runs a command until a signal stops it, even during its start. A failed start stops the parts that were started and
 * prints one sentence if the operator can fix the failure.
 *
 * @param start adds a step to the front of the list for each part that it starts
 */
export function runService(start: (running: Step[]) => Promise<void>): void {
  const running: Step[] = [];
  const isStopping = onStop(running);
  start(running).catch(async (error: unknown) => {
    // The signal itself caused this failure.
    if (isStopping()) return;
    await runSteps(running);
    console.error(explainFailure(error));
    process.exit(1);
  });
}
