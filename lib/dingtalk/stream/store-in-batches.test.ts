import { expect, test } from "vitest";
import { readEvent } from "../read-event";
import type { Answer, StreamEvent } from "./frames";
import { storeInBatches } from "./store-in-batches";

const read = readEvent("{}", { type: "org_change" });
if (!read.ok) throw new Error("the event is malformed");
const { value: event } = read;
const eventOf = (messageId: number): StreamEvent => ({
  messageId: String(messageId),
  event,
  sentAtMs: null,
});

test("events are stored 100 at a time, and reading pauses while 500 wait", async () => {
  const gate = Promise.withResolvers<void>();
  const batches: number[] = [];
  const answers: [string, Answer][] = [];
  const pauses: boolean[] = [];
  const { add, settle } = storeInBatches({
    store: async (events) => {
      batches.push(events.length);
      await gate.promise;
    },
    answer: (...answer) => answers.push(answer),
    setPaused: (paused) => pauses.push(paused),
  });
  for (let index = 0; index < 500; index += 1) add(eventOf(index));
  expect(pauses, "one is being stored").toEqual([]);
  add(eventOf(500));
  expect(pauses).toEqual([true]);
  expect(answers).toEqual([]);
  gate.resolve();
  await settle();
  expect(batches).toEqual([1, 100, 100, 100, 100, 100]);
  expect(pauses.at(-1)).toBe(false);
  expect(answers).toEqual(Array.from({ length: 501 }, (_, index) => [String(index), "stored"]));
});

test("events that arrive after a batch are stored too", async () => {
  const answers: string[] = [];
  const { add, settle } = storeInBatches({
    store: async () => {},
    answer: (messageId) => answers.push(messageId),
    setPaused: () => {},
  });
  add(eventOf(1));
  await settle();
  add(eventOf(2));
  await settle();
  expect(answers).toEqual(["1", "2"]);
});
