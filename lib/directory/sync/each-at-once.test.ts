import { expect, test } from "vitest";
import { eachAtOnce } from "./each-at-once";

test("a failure stops what is under way, and is thrown when that has stopped", async () => {
  const stop = new AbortController();
  const begun: number[] = [];
  let stopped = 0;
  const work = async (item: number) => {
    begun.push(item);
    if (item === 2) throw new Error("failed");
    await new Promise<void>((_, reject) => {
      stop.signal.addEventListener("abort", () => {
        setImmediate(() => {
          stopped += 1;
          reject(stop.signal.reason);
        });
      });
    });
  };

  await expect(eachAtOnce([1, 2, 3, 4, 5, 6, 7, 8], stop, work)).rejects.toThrow("failed");
  expect({ begun, stopped }).toEqual({ begun: [1, 2, 3, 4, 5], stopped: 4 });
});

test("each item is worked on once", async () => {
  const done: number[] = [];
  await eachAtOnce([1, 2, 3, 4, 5, 6, 7], new AbortController(), async (item) => void done.push(item));
  expect(done.sort()).toEqual([1, 2, 3, 4, 5, 6, 7]);
});

test("nothing is begun once it was stopped", async () => {
  const stop = new AbortController();
  stop.abort(new Error("stopped"));
  const done: number[] = [];

  await expect(eachAtOnce([1], stop, async (item) => void done.push(item))).rejects.toThrow("stopped");
  expect(done).toEqual([]);
});
