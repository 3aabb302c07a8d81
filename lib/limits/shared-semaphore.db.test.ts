import { expect, test } from "vitest";
import { openSession } from "@/lib/testing/session";
import { SharedSemaphore } from "./shared-semaphore";

/** A process, with its one session. */
async function startProcess() {
  const { query, close } = await openSession();
  return { places: new SharedSemaphore(query), die: close };
}

const makeName = () => `a-key/${crypto.randomUUID()}`;

test("limits a name to two places over all processes, independently of other names", async () => {
  const [one, other] = [await startProcess(), await startProcess()];
  const name = makeName();
  const first = await one.places.take(name, 2);
  expect(first).not.toBeNull();
  expect(await other.places.take(name, 2)).not.toBeNull();
  expect(await one.places.take(name, 2)).toBeNull();
  expect(await other.places.take(name, 2)).toBeNull();
  expect(await other.places.take(makeName(), 2)).not.toBeNull();

  first?.();
  first?.();
  expect(await one.places.take(name, 2), "given back").not.toBeNull();
  expect(await one.places.take(name, 2), "and once, however often").toBeNull();
});

test("gives concurrent requests exactly the free places", async () => {
  const processes = await Promise.all([startProcess(), startProcess(), startProcess()]);
  const name = makeName();
  const taken = await Promise.all(
    processes.flatMap(({ places }) => Array.from({ length: 5 }, () => places.take(name, 2))),
  );
  expect(taken.filter(Boolean)).toHaveLength(2);
});

test("frees the places of a process that ended", async () => {
  const [one, other] = [await startProcess(), await startProcess()];
  const name = makeName();
  await one.places.take(name, 1);
  expect(await other.places.take(name, 1)).toBeNull();
  await one.die();
  await expect.poll(() => other.places.take(name, 1)).not.toBeNull();
});

test("counts the places of one process alone while it has no database session", async () => {
  const places = new SharedSemaphore(async () => null);
  const name = makeName();
  const first = await places.take(name, 2);
  expect(await places.take(name, 2)).not.toBeNull();
  expect(await places.take(name, 2)).toBeNull();
  first?.();
  expect(await places.take(name, 2)).not.toBeNull();
});
