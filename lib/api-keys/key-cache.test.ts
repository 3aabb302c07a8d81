import { describe, expect, test } from "vitest";
import type { NoticeListener } from "@/lib/db/notifications";
import type { ApiKey } from "./api-key";
import { KeyMemory } from "./key-cache";

const KEY = { organizationId: crypto.randomUUID(), keyId: crypto.randomUUID() } as ApiKey;
const NAME = "hash";

function makeMemory() {
  const heard: { listener?: NoticeListener; isListening: boolean } = { isListening: true };
  let nowMs = 5_000;
  const memory = new KeyMemory(
    {
      subscribe: (_, listener) => Object.assign(heard, { listener }),
      isListening: () => heard.isListening,
    },
    () => nowMs,
  );
  heard.listener?.onStale();
  return {
    memory,
    read: () => memory.remember(NAME, KEY, memory.mark),
    revoke: () =>
      heard.listener?.onNotice({ kind: "api-key", organizationId: KEY.organizationId, id: KEY.keyId }),
    loseConnection: () => Object.assign(heard, { isListening: false }),
    listenAgain: () => {
      heard.isListening = true;
      heard.listener?.onStale();
    },
    /** The connection answers again, and no notice was lost. */
    answerAgain: () => Object.assign(heard, { isListening: true }),
    pass: (ms: number) => {
      nowMs += ms;
    },
  };
}

describe("a remembered key", () => {
  test("is forgotten when its notice arrives", () => {
    const { memory, read, revoke } = makeMemory();
    read();
    expect(memory.find(NAME)).toBe(KEY);
    revoke();
    expect(memory.find(NAME)).toBeNull();
    expect(memory.findStale(NAME, 600_000)).toBeNull();
  });

  test("is not sure while nothing is heard, and is again when the same connection answers", () => {
    const { memory, read, loseConnection, answerAgain } = makeMemory();
    read();
    loseConnection();
    expect(memory.find(NAME)).toBeNull();
    answerAgain();
    expect(memory.find(NAME)).toBe(KEY);
  });

  test("is not sure after a gap until it is read again, even when the gap took no time", () => {
    const { memory, read, loseConnection, listenAgain } = makeMemory();
    read();
    loseConnection();
    listenAgain();
    expect(memory.find(NAME)).toBeNull();
    expect(memory.findStale(NAME, 600_000)).toBe(KEY);
    read();
    expect(memory.find(NAME)).toBe(KEY);
  });

  test("is not remembered when a change or a gap came between its read and now", () => {
    const { memory, revoke, listenAgain } = makeMemory();
    const beforeChange = memory.mark;
    revoke();
    memory.remember(NAME, KEY, beforeChange);
    expect(memory.findStale(NAME, 600_000)).toBeNull();

    const beforeGap = memory.mark;
    listenAgain();
    memory.remember(NAME, KEY, beforeGap);
    expect(memory.findStale(NAME, 600_000)).toBeNull();
  });

  test("is sure for less than 15 s after it was read, however often it is used", () => {
    const { memory, read, pass } = makeMemory();
    read();
    pass(14_999);
    expect(memory.find(NAME)).toBe(KEY);
    pass(1);
    expect(memory.find(NAME)).toBeNull();
    read();
    expect(memory.find(NAME)).toBe(KEY);
  });

  test("counts its 15 s from before the read, not from when the answer came", () => {
    const { memory, pass } = makeMemory();
    const { mark } = memory;
    pass(10_000);
    memory.remember(NAME, KEY, mark);
    pass(5_000);
    expect(memory.find(NAME)).toBeNull();
  });

  test("is available as unsure up to the given age", () => {
    const { memory, read, pass } = makeMemory();
    read();
    pass(600_000);
    expect(memory.findStale(NAME, 600_000)).toBe(KEY);
    pass(1);
    expect(memory.findStale(NAME, 600_000)).toBeNull();
  });
});
