import { describe, expect, test } from "vitest";
import { Redacted } from "@/lib/redacted";
import { decide, type Need } from "./decide";
import type { TokenRow } from "./token-row";

const NOW = Date.UTC(2026, 0, 5, 1, 0, 0);
const MINUTE = 60_000;
const at = (offsetMs: number) => new Date(NOW + offsetMs);

const ALIVE: TokenRow = {
  appState: "verified",
  version: 1,
  token: new Redacted("alive"),
  obtainedAt: at(-MINUTE),
  expiresAt: at(60 * MINUTE),
  renewAt: at(50 * MINUTE),
  notExtendedUntil: null,
  lastError: null,
  lastErrorAt: null,
  renewingUntil: null,
  attemptedAt: [at(-MINUTE)],
};
const EXPIRED: Partial<TokenRow> = { expiresAt: at(0), renewAt: at(-MINUTE) };
const FAILED: Partial<TokenRow> = { lastError: {}, lastErrorAt: at(-1), renewAt: at(MINUTE) };
const BROKEN: Partial<TokenRow> = { ...FAILED, appState: "broken", renewAt: null };

const CALL: Need = { for: "call" };
const SCHEDULE: Need = { for: "schedule" };
const replacement = (dead: string, seenAtMs?: number): Need => ({
  for: "replacement",
  dead: new Redacted(dead),
  ...(seenAtMs !== undefined && { seenAtMs }),
});
const decided = (row: Partial<TokenRow>, need: Need) => decide({ ...ALIVE, ...row }, need, NOW);
const attempts = (count: number) => Array.from({ length: count }, (_, index) => at(-(index + 1) * MINUTE));

describe("a call", () => {
  test("gets the token while it lives, whoever renews and however renewals went", () => {
    const use = { do: "use", token: ALIVE.token };

    expect(decided({}, CALL)).toMatchObject(use);
    expect(decided({ renewingUntil: at(MINUTE) }, CALL)).toMatchObject(use);
    expect(decided(FAILED, CALL)).toMatchObject(use);
    expect(decided(BROKEN, CALL)).toMatchObject(use);
  });

  test("never gets one that has expired, or doesn't open", () => {
    expect(decided(EXPIRED, CALL)).toEqual({ do: "renew", attemptsMax: 6 });
    expect(decided({ token: null }, CALL)).toEqual({ do: "renew", attemptsMax: 6 });
  });

  test("waits for whoever renews, until their claim lapses", () => {
    expect(decided({ ...EXPIRED, renewingUntil: at(1) }, CALL)).toEqual({ do: "wait", untilMs: NOW + 1 });
    expect(decided({ ...EXPIRED, renewingUntil: at(0) }, CALL)).toMatchObject({ do: "renew" });
  });

  test("gets the last failure while its pause lasts, and tries again after that", () => {
    expect(decided({ ...EXPIRED, ...FAILED }, CALL)).toEqual({ do: "refuse", because: "failed" });
    expect(decided({ ...EXPIRED, ...FAILED, renewAt: at(0) }, CALL)).toMatchObject({ do: "renew" });
  });

  test("of a broken app without a token gets its failure, and nothing is tried", () => {
    expect(decided({ ...EXPIRED, ...BROKEN }, CALL)).toEqual({ do: "refuse", because: "failed" });
  });

  test("of a disabled app gets nothing, not even a token that lives", () => {
    expect(decided({ appState: "disabled" }, CALL)).toEqual({ do: "refuse", because: "disabled" });
  });

  test("is held back after six attempts in ten minutes", () => {
    expect(decided({ ...EXPIRED, attemptedAt: attempts(6) }, CALL)).toMatchObject({
      do: "refuse",
      because: "used_up",
    });
  });
});

describe("a replacement", () => {
  test("of the present string is a renewal, also while its expiry can't be moved", () => {
    expect(decided({}, replacement("alive"))).toEqual({ do: "renew", attemptsMax: 5 });
    expect(decided({ notExtendedUntil: at(60 * MINUTE) }, replacement("alive"))).toMatchObject({
      do: "renew",
    });
  });

  test("of any other string is the present one, so that a fresh token is never thrown away", () => {
    expect(decided({}, replacement("older"))).toMatchObject({ do: "use", token: ALIVE.token });
  });

  test("is the same string when DingTalk gave it out once more since, or ten that fail would renew ten times", () => {
    expect(decided({}, replacement("alive", NOW - 2 * MINUTE))).toMatchObject({ do: "use" });
    expect(decided({}, replacement("alive", NOW - MINUTE))).toMatchObject({ do: "renew" });
  });

  test("leaves the sixth attempt to the token's expiry", () => {
    expect(decided({ attemptedAt: attempts(5) }, replacement("alive"))).toMatchObject({ do: "refuse" });
    expect(decided({ ...EXPIRED, attemptedAt: attempts(5) }, CALL)).toMatchObject({ do: "renew" });
  });
});

describe("the schedule", () => {
  test("renews what is due, and leaves what isn't", () => {
    expect(decided({ renewAt: at(0) }, SCHEDULE)).toEqual({ do: "renew", attemptsMax: 6 });
    expect(decided({ renewAt: at(1) }, SCHEDULE)).toEqual({ do: "leave", untilMs: NOW + 1 });
  });

  test("leaves a token that was not extended until it expires", () => {
    const row = { renewAt: at(0), notExtendedUntil: at(MINUTE) };

    expect(decided(row, SCHEDULE)).toEqual({ do: "leave", untilMs: NOW + MINUTE });
  });

  test("leaves a broken app to a person", () => {
    expect(decided(BROKEN, SCHEDULE)).toEqual({ do: "leave", untilMs: null });
  });
});
