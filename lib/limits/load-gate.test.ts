import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { type Claimant, LoadGate } from "./load-gate";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const claimant = (key: string, running: number, waiting: number): Claimant => ({
  key,
  share: { running, waiting },
});
const never = new AbortController().signal;

/** A gate whose requests the test ends by name. */
function makeGate(all = { running: 100, waiting: 1_000 }) {
  const gate = new LoadGate({ all, waitMs: 5_000 });
  const ends = new Map<string, () => void>();
  const refused: string[] = [];
  const enter = (name: string, claimants: readonly Claimant[], signal: AbortSignal = never) =>
    void gate
      .enter(claimants, () => signal)
      .then(
        (leave) => ends.set(name, leave),
        (error: { code: string }) => refused.push(`${name}: ${error.code}`),
      );
  const settled = () => vi.advanceTimersByTimeAsync(0);
  const running = async () => {
    await settled();
    return [...ends.keys()];
  };
  const end = (name: string) => {
    ends.get(name)?.();
    ends.delete(name);
  };
  return { enter, running, end, refused };
}

test("requests above a claimant's limit wait, and requests above its waiting places are refused", async () => {
  const { enter, running, end, refused } = makeGate();
  const ann = [claimant("ann", 2, 1)];
  for (const name of ["a1", "a2", "a3", "a4"]) enter(name, ann);
  expect(await running()).toEqual(["a1", "a2"]);
  expect(refused).toEqual(["a4: rate_limited"]);
  end("a1");
  expect(await running()).toEqual(["a2", "a3"]);
});

test("waiting requests of one claimant do not delay later requests of another", async () => {
  const { enter, running } = makeGate();
  for (const name of ["a1", "a2", "a3"]) enter(name, [claimant("ann", 1, 10)]);
  enter("b1", [claimant("bob", 1, 10)]);
  expect(await running()).toEqual(["a1", "b1"]);
});

test("a request starts when each of its claimants has room", async () => {
  const { enter, running, end } = makeGate();
  const [office, ann, bob] = [claimant("office", 2, 10), claimant("ann", 1, 10), claimant("bob", 2, 10)];
  enter("a1", [ann, office]);
  enter("a2", [ann, office]);
  enter("b1", [bob, office]);
  enter("b2", [bob, office]);
  expect(await running()).toEqual(["a1", "b1"]);
  end("a1");
  expect(await running()).toEqual(["b1", "a2"]);
  end("b1");
  expect(await running()).toEqual(["a2", "b2"]);
});

test("returns unavailable, not rate_limited, when the places of all claimants are taken", async () => {
  const { enter, running, refused } = makeGate({ running: 1, waiting: 1 });
  for (const name of ["ann", "bob", "eve"]) enter(name, [claimant(name, 5, 5)]);
  expect(await running()).toEqual(["ann"]);
  expect(refused).toEqual(["eve: unavailable"]);
});

test("refuses a request that waits too long, and frees its place", async () => {
  const { enter, running, refused } = makeGate();
  const ann = [claimant("ann", 1, 1)];
  enter("a1", ann);
  enter("a2", ann);
  await vi.advanceTimersByTimeAsync(5_000);
  expect(refused).toEqual(["a2: unavailable"]);
  enter("a3", ann);
  expect(await running()).toEqual(["a1"]);
  expect(refused).toHaveLength(1);
});

test("removes a waiting request whose client disconnected, and never starts it", async () => {
  const { enter, running, end } = makeGate();
  const ann = [claimant("ann", 1, 2)];
  const client = new AbortController();
  enter("a1", ann);
  enter("gone", ann, client.signal);
  enter("a2", ann);
  expect(await running()).toEqual(["a1"]);
  client.abort();
  end("a1");
  expect(await running()).toEqual(["a2"]);
});

test("freeing a place twice frees it once", async () => {
  const gate = new LoadGate({ all: { running: 1, waiting: 5 }, waitMs: 5_000 });
  const leave = await gate.enter([], () => never);
  leave();
  leave();
  await gate.enter([], () => never);
  let hasStarted = false;
  void gate
    .enter([], () => never)
    .then(() => {
      hasStarted = true;
    });
  await vi.advanceTimersByTimeAsync(0);
  expect(hasStarted).toBe(false);
});
