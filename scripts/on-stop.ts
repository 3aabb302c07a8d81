import { log } from "@/lib/log";

/** What runs has this long to end after a signal; then the process goes. */
const STOP_MS_MAX = 20_000;

type Step = () => Promise<unknown>;

/**
 * Ends the process in order at SIGTERM or SIGINT: each step after the one before. A second signal, or a step
 * that takes too long, ends it at once.
 *
 * @param steps may grow while things are started: what runs at the moment of the signal is ended
 */
export function onStop(steps: readonly Step[]): void {
  let isStopping = false;
  const stop = async () => {
    if (isStopping) process.exit(1);
    isStopping = true;
    setTimeout(() => process.exit(1), STOP_MS_MAX).unref();
    for (const step of steps) {
      await step().catch((error: unknown) => log.error("stopping", { error }));
    }
    process.exit(0);
  };
  process.on("SIGTERM", () => void stop());
  process.on("SIGINT", () => void stop());
}
