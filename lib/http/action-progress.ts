import { AsyncLocalStorage } from "node:async_hooks";
import { processWide } from "@/lib/process-wide";

type Progress = { hasBegun: boolean };

const storage = () => processWide("http.action-progress", () => new AsyncLocalStorage<Progress>());

/** Runs `work`, which may run a server action, and passes it a function that returns whether the action has begun. */
export function followAction<T>(work: (hasBegun: () => boolean) => Promise<T>): Promise<T> {
  const progress = { hasBegun: false };
  return storage().run(progress, () => work(() => progress.hasBegun));
}

/** Records that the current request's body was read and its action has begun. */
export function beginAction(): void {
  const progress = storage().getStore();
  if (progress) progress.hasBegun = true;
}

/** Returns whether the current request's action has not begun, so that a failure now is caused by the request's body. */
export const isBeforeAction = (): boolean => storage().getStore()?.hasBegun === false;
