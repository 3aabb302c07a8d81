import { log } from "@/lib/log";

const LOOK_MS = 500;
const PAUSE_MS_MIN = 500;
const PAUSE_MS_MAX = 8_000;
/** After this uptime, pauses between restarts start over at zero. */
const STEADY_MS = 60_000;

type Supervised = {
  readonly isAlive: () => boolean;
  /** Starts the server at its previous address. */
  readonly restart: () => Promise<void>;
};

export type Supervisor = {
  /** Ends supervision. Waits for a restart in progress. */
  stop(): Promise<void>;
};

/** Restarts a server whenever it ends: at once the first time, then with growing pauses. */
export function supervise({ isAlive, restart }: Supervised): Supervisor {
  const ending = new AbortController();
  const { signal } = ending;
  const pause = (ms: number) =>
    new Promise<void>((resolve) => {
      const end = () => {
        clearTimeout(timer);
        signal.removeEventListener("abort", end);
        resolve();
      };
      const timer = setTimeout(end, ms).unref();
      signal.addEventListener("abort", end);
    });

  async function bringBack(firstPauseMs: number): Promise<number> {
    const goneAt = performance.now();
    let pauseMs = firstPauseMs;
    for (let attempt = 1; !signal.aborted; attempt += 1) {
      await pause(pauseMs);
      if (signal.aborted) break;
      pauseMs = Math.min(Math.max(pauseMs * 2, PAUSE_MS_MIN), PAUSE_MS_MAX);
      try {
        await restart();
        const afterMs = Math.round(performance.now() - goneAt);
        log.warn("PostgreSQL ended and was restarted", { attempt, afterMs });
        break;
      } catch (error) {
        log.error("PostgreSQL ended and could not be restarted", { attempt, nextTryMs: pauseMs, error });
      }
    }
    return pauseMs;
  }

  async function watch(): Promise<void> {
    let pauseMs = 0;
    let startedAt = performance.now();
    while (!signal.aborted) {
      await pause(LOOK_MS);
      if (signal.aborted || isAlive()) continue;
      if (performance.now() - startedAt > STEADY_MS) pauseMs = 0;
      pauseMs = await bringBack(pauseMs);
      startedAt = performance.now();
    }
  }

  const done = watch();
  return {
    stop: async () => {
      ending.abort();
      await done;
    },
  };
}
