/** Calls of one app under way at a time: enough to use up DingTalk's 20 a second at its usual 250 ms. */
const AT_ONCE = 5;

/**
 * Does `work` for each item, several at a time. The first failure stops the others through `stop`, waits until
 * they have stopped, and is thrown.
 *
 * @param stop its signal is what `work` must heed
 */
export async function eachAtOnce<T>(
  items: readonly T[],
  stop: AbortController,
  work: (item: T) => Promise<void>,
): Promise<void> {
  // One iterator for all lanes: each takes the next item when it is free
  const rest = items.values();
  const lane = async () => {
    try {
      for (const item of rest) {
        stop.signal.throwIfAborted();
        await work(item);
      }
    } catch (error) {
      stop.abort(error);
    }
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, items.length) }, lane));
  stop.signal.throwIfAborted();
}
