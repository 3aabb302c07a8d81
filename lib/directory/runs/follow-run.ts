import "server-only";
import type { Actor } from "@/lib/auth/actor";
import { subscribe } from "@/lib/db/notifications";
import { getRun } from "./queries";
import { isUnderWay, type RunProgress } from "./run-states";
import { toProgress } from "./to-progress";

/** At most four a second. */
const PAUSE_MS = 250;
/** A notice may be lost with its connection; this is how late that can make the page. */
const RECHECK_MS = 5_000;

/** A bell that rings when something changed, and remembers one ring while nobody waits. */
function makeBell() {
  let isRung = false;
  let wake: (() => void) | null = null;
  return {
    ring: () => {
      isRung = true;
      wake?.();
    },
    wait: async (limitMs: number, signal: AbortSignal): Promise<void> => {
      if (!isRung && !signal.aborted) {
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
      isRung = false;
      wake = null;
    },
  };
}

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

/**
 * Follows a run: how it stands now, then after each change, and last how it ended.
 *
 * @throws {AppError} `not_found`
 */
export async function* followRun(
  actor: Actor<"directory.read">,
  runId: string,
  signal: AbortSignal,
): AsyncGenerator<RunProgress> {
  const bell = makeBell();
  const unsubscribe = subscribe("run", {
    onNotice: ({ organizationId, id }) => {
      if (organizationId === actor.organizationId && id === runId) bell.ring();
    },
    onStale: bell.ring,
  });
  try {
    let last = "";
    while (!signal.aborted) {
      const progress = toProgress(await getRun(actor, runId));
      const { nowMs: _, ...facts } = progress;
      const said = JSON.stringify(facts);
      if (said !== last) yield progress;
      last = said;
      if (!isUnderWay(progress.state)) return;
      await pause(PAUSE_MS);
      await bell.wait(RECHECK_MS, signal);
    }
  } finally {
    unsubscribe();
  }
}
