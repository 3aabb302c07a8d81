import { processWide } from "./process-wide";

type Turns = { readonly waiting: (() => void)[] };

const turns = () => processWide<Turns>("loop-turns", () => ({ waiting: [] }));

/**
 * Waits for a turn of the event loop of which nobody else waiting here has a part. Streams pass one chunk in a turn, so
 * however many are fast, only one chunk stands between any other request and its answer. Otherwise Node reads up to 2 MB
 * of each socket before it looks at the next one.
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
