import { AsyncLocalStorage } from "node:async_hooks";
import { processWide } from "@/lib/process-wide";

type Progress = { hasBegun: boolean };

const storage = () => processWide("http.action-progress", () => new AsyncLocalStorage<Progress>());

/** Runs `work` with a function that returns whether its server action has begun. */
export function followAction<T>(work: (hasBegun: () => boolean) => Promise<T>): Promise<T> {
  const progress = { hasBegun: false };
  return storage().run(progress, () => work(() => progress.hasBegun));
}

export function beginAction(): void {
  const progress = storage().getStore();
  if (progress) progress.hasBegun = true;
}

/** Returns whether the action has not begun yet. A failure before that is caused by the request's body. */
export const isBeforeAction = (): boolean => storage().getStore()?.hasBegun === false;
