import "server-only";
import type { Actor } from "@/lib/auth/actor";
import { subscribe } from "@/lib/db/notifications";
import { getRun } from "./get-run";
import { toProgress } from "./run";
import { isUnderWay, type RunProgress } from "./run-states";

/** Pause between two updates, so that a reader gets at most four a second. */
const PAUSE_MS = 250;
/** Poll interval, in case a notice is lost with its connection. */
const RECHECK_MS = 5_000;

/** A signal that wakes one waiter, and is remembered while nobody waits. */
function makeSignal() {
  let isSet = false;
  let wake: (() => void) | null = null;
  return {
    set: () => {
      isSet = true;
      wake?.();
    },
    wait: async (limitMs: number, signal: AbortSignal): Promise<void> => {
      if (!isSet && !signal.aborted) {
        await new Promise<void>((resolve) => {
          const end = () => {
            clearTimeout(timer);
            signal.removeEventListener("abort", end);
            resolve();
          };
          const timer = setTimeout(end, limitMs);
          signal.addEventListener("abort", end, { once: true });
          wake = end;
        });
      }
      isSet = false;
      wake = null;
    },
  };
}

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

/** Yields a run's progress now and after each change, until the run has ended. */
export async function* followRun(
  actor: Actor<"directory.read">,
  runId: string,
  signal: AbortSignal,
): AsyncGenerator<RunProgress> {
  const changed = makeSignal();
  const unsubscribe = subscribe("run", {
    onNotice: ({ organizationId, id }) => {
      if (organizationId === actor.organizationId && id === runId) changed.set();
    },
    onStale: changed.set,
  });
  try {
    let last = "";
    while (!signal.aborted) {
      const progress = toProgress(await getRun(actor, runId));
      const { nowMs: _, ...facts } = progress;
      const text = JSON.stringify(facts);
      if (text !== last) yield progress;
      last = text;
      if (!isUnderWay(progress.state)) return;
      await pause(PAUSE_MS);
      await changed.wait(RECHECK_MS, signal);
    }
  } finally {
    unsubscribe();
  }
}
