import { expect, test } from "vitest";
import { eachAtOnce } from "./each-at-once";

const atOnce = () => 5;

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

  await expect(eachAtOnce([1, 2, 3, 4, 5, 6, 7, 8], { stop, atOnce }, work)).rejects.toThrow("failed");
  expect({ begun, stopped }).toEqual({ begun: [1, 2, 3, 4, 5], stopped: 4 });
});

test("each item is worked on once", async () => {
  const done: number[] = [];
  await eachAtOnce(
    [1, 2, 3, 4, 5, 6, 7],
    { stop: new AbortController(), atOnce },
    async (item) => void done.push(item),
  );
  expect(done.sort()).toEqual([1, 2, 3, 4, 5, 6, 7]);
});

test("nothing is begun once it was stopped", async () => {
  const stop = new AbortController();
  stop.abort(new Error("stopped"));
  const done: number[] = [];

  await expect(eachAtOnce([1], { stop, atOnce }, async (item) => void done.push(item))).rejects.toThrow(
    "stopped",
  );
  expect(done).toEqual([]);
});

test("as many are under way as may be, also when that changes on the way", async () => {
  let allowed = 2;
  let underWay = 0;
  const atBegin: number[] = [];
  const work = async (item: number) => {
    if (item === 10) allowed = 4;
    if (item === 30) allowed = 3;
    atBegin[item] = underWay += 1;
    await new Promise(setImmediate);
    underWay -= 1;
  };
  const items = [...Array(60).keys()];
  await eachAtOnce(items, { stop: new AbortController(), atOnce: () => allowed }, work);
  const most = (from: number, to: number) => Math.max(...atBegin.slice(from, to));
  expect([most(0, 10), most(15, 30), most(40, 60)]).toEqual([2, 4, 3]);
});
