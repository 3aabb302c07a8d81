import { expect, test } from "vitest";
import type { NoticeListener } from "@/lib/db/notifications";
import { Redacted } from "@/lib/redacted";
import type { StoredToken } from "./stored-token";
import { TokenMemory } from "./token-memory";

const APP = { organizationId: crypto.randomUUID(), appId: crypto.randomUUID() };
const NOW = Date.UTC(2026, 0, 5);
const HELD: StoredToken = {
  token: new Redacted("held"),
  expiresAt: new Date(NOW + 1),
  version: 1,
  stringVersion: 1,
  changedAt: new Date(NOW),
  freshUntilMs: NOW + 1,
};

function makeMemory() {
  const received: { listener?: NoticeListener; isListening: boolean } = { isListening: true };
  let nowMs = 5_000;
  const memory = new TokenMemory(
    "token",
    {
      subscribe: (_, listener) => Object.assign(received, { listener }),
      isListening: () => received.isListening,
    },
    () => nowMs,
  );
  received.listener?.onStale();
  const notice = { kind: "token", organizationId: APP.organizationId, id: APP.appId };
  return {
    memory,
    remember: () => memory.remember(APP, HELD, memory.nextChange(APP)),
    pass: (ms: number) => {
      nowMs += ms;
    },
    change: () => received.listener?.onNotice(notice),
    goDeaf: () => Object.assign(received, { isListening: false }),
    hearAgain: () => {
      received.isListening = true;
      received.listener?.onStale();
    },
  };
}

test("TokenMemory does not remember a token that changed after it was read", () => {
  const { memory, change } = makeMemory();
  const begun = memory.nextChange(APP);
  change();
  memory.remember(APP, HELD, begun);

  expect(memory.find(APP, NOW)).toBeNull();
  expect(memory.findStale(APP, NOW)).toBeNull();
});

test("TokenMemory returns a token for less than 15 s after its reading", () => {
  const { memory, remember, pass } = makeMemory();
  remember();
  pass(14_999);
  expect(memory.find(APP, NOW)).toBe(HELD);
  pass(1);
  expect(memory.find(APP, NOW)).toBeNull();
  expect(memory.findStale(APP, NOW)).toBe(HELD);

  const begun = memory.nextChange(APP);
  pass(15_000);
  memory.remember(APP, HELD, begun);
  expect(memory.find(APP, NOW), "the 15 s count from before the read").toBeNull();
});

test("TokenMemory returns a token as stale from a gap in LISTEN until it is read again or expires", () => {
  const { memory, remember, goDeaf, hearAgain } = makeMemory();
  remember();
  expect(memory.find(APP, NOW)).toBe(HELD);
  goDeaf();
  expect(memory.find(APP, NOW)).toBeNull();
  expect(memory.findStale(APP, NOW)).toBe(HELD);
  remember();
  hearAgain();
  expect(memory.find(APP, NOW)).toBeNull();
  expect(memory.findStale(APP, NOW)).toBe(HELD);
  remember();
  expect(memory.find(APP, NOW)).toBe(HELD);
  expect(memory.find(APP, NOW + 1)).toBeNull();
  expect(memory.findStale(APP, NOW + 1)).toBeNull();
});
