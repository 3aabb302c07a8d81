import { processWide } from "./process-wide";

type Turns = { readonly waiting: (() => void)[] };

const turns = () => processWide<Turns>("loop-turns", () => ({ waiting: [] }));

/**
 * Waits for a turn of the event loop that no other waiter here uses. Streams pass one chunk per turn, so any number of
 * fast streams delays other requests by one chunk. Otherwise Node reads up to 2 MB of a socket before the next one.
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
