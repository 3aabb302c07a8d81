import { expect, test } from "vitest";
import { nextTurn } from "./loop-turns";

const loopTurn = () => new Promise<void>((resolve) => setImmediate(resolve));

test("passes one chunk per turn of the event loop, streams in order", async () => {
  const passed: string[] = [];
  const stream = async (name: string) => {
    for (let chunk = 1; chunk <= 2; chunk += 1) {
      await nextTurn();
      passed.push(`${name}${chunk}`);
    }
  };
  const streams = ["a", "b", "c"].map(stream);
  const counts: number[] = [];
  for (let turn = 0; turn < 10; turn += 1) {
    await loopTurn();
    counts.push(passed.length);
  }
  await Promise.all(streams);
  expect(passed).toEqual(["a1", "b1", "c1", "a2", "b2", "c2"]);
  const steps = counts.map((count, index) => count - (counts[index - 1] ?? 0));
  expect(Math.max(...steps)).toBe(1);
});
