import { processWide } from "./process-wide";

type Turns = { readonly waiting: (() => void)[] };

const turns = () => processWide<Turns>("loop-turns", () => ({ waiting: [] }));

/**
 * Waits for a turn of the event loop that no other caller uses, so that fast streams delay others by one chunk only.
 */
export function nextTurn(): Promise<void> {
  const { waiting } = turns();
  const giveTurn = () => {
    waiting.shift()?.();
    if (waiting.length > 0) setImmediate(giveTurn);
  };
  return new Promise((resolve) => {
    waiting.push(resolve);
    if (waiting.length === 1) setImmediate(giveTurn);
  });
}
