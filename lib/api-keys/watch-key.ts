import "server-only";

import { isListening } from "@/lib/db/notifications";
import { keyState } from "./load-key";

/** Interval of checks while notices of changes don't arrive. */
const CHECK_INTERVAL_MS = 1_000;

/** Calls `onChange` when a key may have changed: after a notice, and every second while notices don't arrive. */
export function watchKey(keyId: string, onChange: () => void): () => void {
  const unwatch = keyState().cache.watch((changed) => {
    if (changed === null || changed === keyId) onChange();
  });
  const timer = setInterval(() => isListening() || onChange(), CHECK_INTERVAL_MS);
  return () => {
    clearInterval(timer);
    unwatch();
  };
}
