import { expect, test } from "vitest";
import { ConnectionTestSlots } from "./connection-tests";

const MINUTE = 60_000;

function openPlaces() {
  let nowMs = 0;
  const places = new ConnectionTestSlots({
    running: 64,
    refusal: () => new Error("refused"),
    now: () => nowMs,
  });
  const started: string[] = [];
  const ends: (() => void)[] = [];
  /** Starts tests that run until `endAll`. */
  const start = (organizations: readonly string[], times: number) => {
    for (const organization of organizations)
      for (let each = 0; each < times; each += 1)
        void places.run(organization, () => {
          started.push(organization);
          return new Promise<void>((resolve) => ends.push(resolve));
        });
  };
  const endAll = async (afterMs: number) => {
    nowMs += afterMs;
    while (ends.length > 0) {
      for (const end of ends.splice(0)) end();
      await new Promise(setImmediate);
    }
    started.length = 0;
  };
  return { start, endAll, started };
}

const named = (name: string, times: number) => Array.from({ length: times }, (_, index) => `${name}${index}`);

test("runs two tests of an organization at once, and another organization's beside them", () => {
  const { start, started } = openPlaces();
  start(["one"], 5);
  start(["other"], 1);
  expect(started).toEqual(["one", "one", "other"]);
});

test("starts an organization's test at once while those of 31 organizations get no answer", () => {
  const { start, started } = openPlaces();
  start(named("silent", 31), 2);
  start(["honest"], 1);
  expect(started.at(-1)).toBe("honest");
  expect(started).toHaveLength(63);
});

test("limits all slow organizations together to half of the places", async () => {
  const { start, endAll, started } = openPlaces();
  const slow = named("slow", 40);
  for (const tenth of [slow.slice(0, 20), slow.slice(20)]) {
    start(tenth, 1);
    await endAll(5_001);
  }
  start(slow.slice(0, 20), 2);
  start(slow.slice(20), 1);
  expect(started).toHaveLength(32);
  start(named("honest", 16), 2);
  expect(started.filter((name) => name.startsWith("honest"))).toHaveLength(32);
});

test("treats an organization as the others again ten minutes after a slow test", async () => {
  const { start, endAll, started } = openPlaces();
  const organizations = named("once-slow", 17);
  start(organizations, 1);
  await endAll(5_001);
  start(organizations, 2);
  expect(started).toHaveLength(32);
  await endAll(5_000);
  await endAll(10 * MINUTE);
  start(organizations, 2);
  expect(started).toHaveLength(34);
});
