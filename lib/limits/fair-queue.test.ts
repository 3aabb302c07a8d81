import { expect, test } from "vitest";
import { FairQueue } from "./fair-queue";

/** A queue whose tasks the test ends itself. */
function makeQueue(running: number, waiting: number, runningOfGroup?: number) {
  const queue = new FairQueue({
    running,
    waiting,
    ...(runningOfGroup && { runningOfGroup }),
    refusal: () => new Error("no place"),
  });
  const started: string[] = [];
  const ends: (() => void)[] = [];
  const refused: string[] = [];
  const add = (sharer: string, name: string) =>
    void queue
      .run(sharer.split("/"), () => {
        started.push(name);
        return new Promise<void>((resolve) => ends.push(resolve));
      })
      .catch(() => refused.push(name));
  const settled = () => new Promise((resolve) => setImmediate(resolve));
  const endOne = async () => {
    await settled();
    ends.shift()?.();
    await settled();
  };
  return { add, started, refused, settled, endOne };
}

test("keys take turns, however many tasks each has", async () => {
  const { add, started, endOne } = makeQueue(1, 10);
  for (const name of ["a1", "a2", "a3", "a4"]) add("a", name);
  for (const name of ["b1", "b2"]) add("b", name);
  add("c", "c1");
  for (let count = 0; count < 7; count++) await endOne();
  expect(started).toEqual(["a1", "a2", "b1", "c1", "a3", "b2", "a4"]);
});

test("a group with a limit does not delay other groups when its own tasks don't end", async () => {
  const { add, started, settled, endOne } = makeQueue(3, 10, 2);
  for (const name of ["a1", "a2", "a3", "a4"]) add("a", name);
  add("b", "b1");
  add("b", "b2");
  await settled();
  expect(started).toEqual(["a1", "a2", "b1"]);
  await endOne();
  expect(started.slice(3)).toEqual(["a3"]);
  for (let count = 0; count < 3; count++) await endOne();
  expect(started).toEqual(["a1", "a2", "b1", "a3", "b2", "a4"]);
});

test("when the queue is full, the newest tasks of the largest key make room for other keys", async () => {
  const { add, started, refused, settled, endOne } = makeQueue(2, 50);
  for (let index = 1; index <= 70; index++) add("attacker", `attacker ${index}`);
  await settled();
  expect(refused, "the attacker fills the queue").toHaveLength(18);
  for (let index = 1; index <= 12; index++) add("office", `office ${index}`);
  for (let index = 1; index <= 12; index++) add(`person ${index}`, `person ${index}`);
  await settled();
  expect(refused).toHaveLength(18 + 24);
  expect(refused.filter((name) => !name.startsWith("attacker"))).toEqual([]);
  for (let count = 0; count < 60; count++) await endOne();
  expect(started.filter((name) => name.startsWith("office") || name.startsWith("person"))).toHaveLength(24);
});

test("a key does not displace a task of a key that has fewer", async () => {
  const { add, refused, settled } = makeQueue(1, 4);
  add("a", "runs");
  for (const name of ["a1", "a2"]) add("a", name);
  for (const name of ["b1", "b2", "b3"]) add("b", name);
  add("c", "c1");
  add("c", "c2");
  await settled();
  expect(refused.toSorted()).toEqual(["a2", "b3", "c2"]);
});

test("a failed task frees its slot", async () => {
  const queue = new FairQueue({ running: 1, waiting: 1, refusal: () => new Error("no place") });
  const failing = queue.run(["a"], () => Promise.reject(new Error("no memory")));
  const next = queue.run(["b"], async () => "ran");
  await expect(failing).rejects.toThrow("no memory");
  expect(await next).toBe("ran");
  expect(await queue.run(["a"], async () => "ran")).toBe("ran");
});

test("inner groups take turns within the turn of their outer group", async () => {
  const { add, started, endOne } = makeQueue(1, 10);
  for (const name of ["x1", "x2", "x3"]) add("a/x", name);
  for (const name of ["y1", "y2"]) add("a/y", name);
  for (const name of ["b1", "b2"]) add("b/z", name);
  for (let count = 0; count < 7; count++) await endOne();
  expect(started).toEqual(["x1", "x2", "b1", "y1", "b2", "x3", "y2"]);
});

test("many inner groups have the one share of their outer group", async () => {
  const { add, started, refused, settled, endOne } = makeQueue(2, 50);
  for (let index = 0; index < 96; index++) add(`attacker/${index}`, `attacker ${index}`);
  for (let index = 0; index < 12; index++) add(`network ${index}/1`, `person ${index}`);
  await settled();
  expect(refused.filter((name) => name.startsWith("person"))).toEqual([]);
  for (let count = 0; count < 60; count++) await endOne();
  expect(started.filter((name) => name.startsWith("person"))).toHaveLength(12);
  expect(started, "nobody who waits is forgotten").toHaveLength(96 + 12 - refused.length);
});

test("a group with a used-up share displaces its own largest inner group for a smaller one", async () => {
  const { add, refused, settled } = makeQueue(1, 4);
  add("a/x", "runs");
  for (const name of ["x1", "x2", "x3"]) add("a/x", name);
  add("a/y", "y1");
  add("a/z", "z1");
  await settled();
  expect(refused).toEqual(["x3"]);
});
