import { explainFailure } from "./explain-failure";
import { onStop, runSteps, type Step } from "./on-stop";

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
