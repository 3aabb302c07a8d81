import { describe, expect, test } from "vitest";
import type { NoticeListener } from "@/lib/db/notifications";
import type { ApiKey } from "./api-key";
import { KeyCache } from "./key-cache";

const KEY = { organizationId: crypto.randomUUID(), keyId: crypto.randomUUID() } as ApiKey;
const NAME = "hash";

function makeCache() {
  const connection: { listener?: NoticeListener; isListening: boolean } = { isListening: true };
  let nowMs = 5_000;
  const cache = new KeyCache(
    {
      subscribe: (_, listener) => Object.assign(connection, { listener }),
      isListening: () => connection.isListening,
    },
    () => nowMs,
  );
  connection.listener?.onStale();
  return {
    cache,
    read: () => cache.remember(NAME, KEY, cache.version),
    revoke: () =>
      connection.listener?.onNotice({ kind: "api-key", organizationId: KEY.organizationId, id: KEY.keyId }),
    loseConnection: () => Object.assign(connection, { isListening: false }),
    listenAgain: () => {
      connection.isListening = true;
      connection.listener?.onStale();
    },
    /** No notice was lost, because the same connection answers again. */
    answerAgain: () => Object.assign(connection, { isListening: true }),
    pass: (ms: number) => {
      nowMs += ms;
    },
  };
}

describe("KeyCache", () => {
  test("drops a key when its notice arrives", () => {
    const { cache, read, revoke } = makeCache();
    read();
    expect(cache.find(NAME)).toBe(KEY);
    revoke();
    expect(cache.find(NAME)).toBeNull();
    expect(cache.findStale(NAME, 600_000)).toBeNull();
  });

  test("treats keys as stale while the connection is silent, until the same connection answers", () => {
    const { cache, read, loseConnection, answerAgain } = makeCache();
    read();
    loseConnection();
    expect(cache.find(NAME)).toBeNull();
    answerAgain();
    expect(cache.find(NAME)).toBe(KEY);
  });

  test("treats a key as stale after a gap until it is read again", () => {
    const { cache, read, loseConnection, listenAgain } = makeCache();
    read();
    loseConnection();
    listenAgain();
    expect(cache.find(NAME)).toBeNull();
    expect(cache.findStale(NAME, 600_000)).toBe(KEY);
    read();
    expect(cache.find(NAME)).toBe(KEY);
  });

  test("does not cache a row that was read before a change or a gap", () => {
    const { cache, revoke, listenAgain } = makeCache();
    const beforeChange = cache.version;
    revoke();
    cache.remember(NAME, KEY, beforeChange);
    expect(cache.findStale(NAME, 600_000)).toBeNull();

    const beforeGap = cache.version;
    listenAgain();
    cache.remember(NAME, KEY, beforeGap);
    expect(cache.findStale(NAME, 600_000)).toBeNull();
  });

  test("treats a key as fresh for less than 15 s after it was read, however often it is used", () => {
    const { cache, read, pass } = makeCache();
    read();
    pass(14_999);
    expect(cache.find(NAME)).toBe(KEY);
    pass(1);
    expect(cache.find(NAME)).toBeNull();
    read();
    expect(cache.find(NAME)).toBe(KEY);
  });

  test("counts the 15 s from before the read", () => {
    const { cache, pass } = makeCache();
    const { version } = cache;
    pass(10_000);
    cache.remember(NAME, KEY, version);
    pass(5_000);
    expect(cache.find(NAME)).toBeNull();
  });

  test("returns a stale key up to the given age", () => {
    const { cache, read, pass } = makeCache();
    read();
    pass(600_000);
    expect(cache.findStale(NAME, 600_000)).toBe(KEY);
    pass(1);
    expect(cache.findStale(NAME, 600_000)).toBeNull();
  });
});
