import { AppError } from "@/lib/errors";
import { RunIsOver } from "../../runs/run-failures";

const TRIES_MAX = 30;
const PAUSE_MS = 1_000;

type Question = {
  /** Whether the run is still this worker's. @throws {AppError} `unavailable` while the database is away */
  readonly isActive: () => Promise<boolean>;
  readonly sleep: (ms: number) => Promise<unknown>;
};

/**
 * Makes the question that is asked before each call to DingTalk. Those who ask at the same time share an
 * answer, which never is older than their question.
 *
 * @returns a function that throws {RunIsOver} when the run is not this worker's any more
 */
export function activeCheck(question: Question): () => Promise<void> {
  let current: Promise<void> | null = null;
  let next: Promise<void> | null = null;
  const ask = () => {
    current = checkActive(question).finally(() => {
      current = null;
    });
    return current;
  };
  return () => {
    if (current === null) return ask();
    // The answer on its way may be from before the question
    next ??= current
      .catch(() => {})
      .then(() => {
        next = null;
        return ask();
      });
    return next;
  };
}

/** A database that is away for a moment must not end a reading of half an hour. */
async function checkActive({ isActive, sleep }: Question): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      if (await isActive()) return;
    } catch (error) {
      const isAway = error instanceof AppError && error.code === "unavailable";
      if (!isAway || tries >= TRIES_MAX) throw error;
      await sleep(PAUSE_MS);
      continue;
    }
    throw new RunIsOver();
  }
}
