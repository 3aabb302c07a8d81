export type Lanes = {
  /** Its signal is what the work must heed. */
  readonly stop: AbortController;
  /** How many may be under way at a time, asked anew after each. */
  readonly atOnce: () => number;
};

/**
 * Does `work` for each item, several at a time. The first failure stops the others through `stop`, waits until
 * they have stopped, and is thrown.
 */
export async function eachAtOnce<T>(
  items: readonly T[],
  { stop, atOnce }: Lanes,
  work: (item: T) => Promise<void>,
): Promise<void> {
  // One iterator for all lanes: each takes the next item when it is free
  const rest = items.values();
  const lanes: Promise<void>[] = [];
  let [open, begun] = [0, 0];
  const lane = async () => {
    try {
      for (const item of rest) {
        begun += 1;
        stop.signal.throwIfAborted();
        await work(item);
        if (open > atOnce()) break;
        widen();
      }
    } catch (error) {
      stop.abort(error);
    } finally {
      open -= 1;
    }
  };
  const widen = () => {
    while (open < atOnce() && begun < items.length && !stop.signal.aborted) {
      open += 1;
      lanes.push(lane());
    }
  };
  widen();
  // A lane that is opened later stands behind the one that opened it
  for (const each of lanes) await each;
  stop.signal.throwIfAborted();
}
