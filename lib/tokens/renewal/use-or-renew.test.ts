import { describe, expect, test } from "vitest";
import { Redacted } from "@/lib/redacted";
import type { TokenRow } from "../store/stored-token";
import { obtainedAtMs, planRenewal, type TokenPurpose } from "./use-or-renew";

const NOW = Date.UTC(2026, 0, 5, 1, 0, 0);
const MINUTE = 60_000;
const at = (offsetMs: number) => new Date(NOW + offsetMs);

const ALIVE: TokenRow = {
  appState: "verified",
  version: 4,
  stringVersion: 3,
  token: new Redacted("alive"),
  changedAt: at(-30 * MINUTE),
  obtainedAt: at(-MINUTE),
  expiresAt: at(60 * MINUTE),
  renewAt: at(50 * MINUTE),
  notExtendedUntil: null,
  forceAfter: null,
  lastError: null,
  lastErrorAt: null,
  renewingUntil: null,
  failures: 0,
  attemptedAt: [at(-MINUTE)],
};
const EXPIRED: Partial<TokenRow> = { obtainedAt: at(-120 * MINUTE), expiresAt: at(0), renewAt: at(-MINUTE) };
const FAILED: Partial<TokenRow> = { lastError: {}, lastErrorAt: at(-1), renewAt: at(MINUTE) };
const BROKEN: Partial<TokenRow> = { ...FAILED, appState: "broken", renewAt: null };

const CALL: TokenPurpose = { for: "call" };
const SCHEDULE: TokenPurpose = { for: "schedule" };
const replacement = (dead: string, seenAtMs?: number): TokenPurpose => ({
  for: "replacement",
  dead: new Redacted(dead),
  ...(seenAtMs !== undefined && { seenAtMs }),
});
const decided = (row: Partial<TokenRow>, purpose: TokenPurpose) =>
  planRenewal({ ...ALIVE, ...row }, purpose, NOW);
const attempts = (count: number) => Array.from({ length: count }, (_, index) => at(-(index + 1) * MINUTE));

describe("planRenewal for a call", () => {
  test("uses a valid token during a renewal and after failed ones", () => {
    const use = { do: "use", token: ALIVE.token };

    expect(decided({}, CALL)).toMatchObject(use);
    expect(decided({ renewingUntil: at(MINUTE) }, CALL)).toMatchObject(use);
    expect(decided(FAILED, CALL)).toMatchObject(use);
    expect(decided(BROKEN, CALL)).toMatchObject(use);
  });

  test("does not use a token that expired or can't be opened", () => {
    expect(decided(EXPIRED, CALL)).toEqual({ do: "renew", attemptsMax: 6, isForced: false });
    expect(decided({ token: null }, CALL)).toEqual({ do: "renew", attemptsMax: 6, isForced: false });
  });

  test("waits for another process until its claim expires", () => {
    expect(decided({ ...EXPIRED, renewingUntil: at(1) }, CALL)).toEqual({ do: "wait", untilMs: NOW + 1 });
    expect(decided({ ...EXPIRED, renewingUntil: at(0) }, CALL)).toMatchObject({ do: "renew" });
  });

  test("refuses with the last failure until the retry is due", () => {
    expect(decided({ ...EXPIRED, ...FAILED }, CALL)).toEqual({ do: "refuse", because: "failed" });
    expect(decided({ ...EXPIRED, ...FAILED, renewAt: at(0) }, CALL)).toMatchObject({ do: "renew" });
  });

  test("refuses with the failure of a broken app without a token", () => {
    expect(decided({ ...EXPIRED, ...BROKEN }, CALL)).toEqual({ do: "refuse", because: "failed" });
  });

  test("refuses a disabled app even with a valid token", () => {
    expect(decided({ appState: "disabled" }, CALL)).toEqual({ do: "refuse", because: "disabled" });
  });

  test("refuses a renewal after six attempts in ten minutes", () => {
    expect(decided({ ...EXPIRED, attemptedAt: attempts(6) }, CALL)).toMatchObject({
      do: "refuse",
      because: "used_up",
    });
  });
});

test("planRenewal allows 25 renewals in ten minutes for a token that lives a minute, 24 of them for reports", () => {
  const MINUTE_LONG = { obtainedAt: at(-MINUTE), expiresAt: at(0), renewAt: at(-MINUTE / 2) };
  expect(decided(MINUTE_LONG, CALL)).toEqual({ do: "renew", attemptsMax: 25, isForced: false });
  expect(decided({ ...MINUTE_LONG, expiresAt: at(1) }, replacement("alive"))).toMatchObject({
    attemptsMax: 24,
  });
});

describe("planRenewal for a replacement", () => {
  test("renews the current string even if DingTalk didn't extend it", () => {
    expect(decided({}, replacement("alive"))).toEqual({ do: "renew", attemptsMax: 5, isForced: false });
    expect(decided({ notExtendedUntil: at(60 * MINUTE) }, replacement("alive"))).toMatchObject({
      do: "renew",
    });
  });

  test("uses the current token for a report of another string", () => {
    expect(decided({}, replacement("older"))).toMatchObject({ do: "use", token: ALIVE.token });
  });

  test("uses the same string if DingTalk returned it again since the report, so that ten failed calls renew once", () => {
    expect(decided({}, replacement("alive", NOW - 2 * MINUTE))).toMatchObject({ do: "use" });
    expect(decided({}, replacement("alive", NOW - MINUTE))).toMatchObject({ do: "renew" });
  });

  test("counts a token that was never obtained as obtained at 0", () => {
    expect(obtainedAtMs({ obtainedAt: null })).toBe(0);
    expect(obtainedAtMs(ALIVE)).toBe(NOW - MINUTE);
  });

  test("leaves the sixth attempt to the token's expiry", () => {
    expect(decided({ attemptedAt: attempts(5) }, replacement("alive"))).toMatchObject({ do: "refuse" });
    expect(decided({ ...EXPIRED, attemptedAt: attempts(5) }, CALL)).toMatchObject({ do: "renew" });
  });
});

describe("planRenewal for a lease", () => {
  const LEASE: TokenPurpose = { for: "lease" };
  const LATE: Partial<TokenRow> = {
    obtainedAt: at(-115 * MINUTE),
    expiresAt: at(5 * MINUTE),
    renewAt: at(-5 * MINUTE),
  };

  test("uses the token until five minutes before its expiry, and renews it then", () => {
    const expiresAt = at(5 * MINUTE + 1);

    expect(decided({ ...LATE, expiresAt }, LEASE)).toMatchObject({ do: "use", freshUntilMs: NOW + 1 });
    expect(decided(LATE, LEASE)).toEqual({ do: "renew", attemptsMax: 6, isForced: false });
    expect(decided(LATE, CALL)).toMatchObject({ do: "use" });
  });

  test("waits for another process until its claim expires", () => {
    expect(decided({ ...LATE, renewingUntil: at(1) }, LEASE)).toEqual({ do: "wait", untilMs: NOW + 1 });
  });

  test.each([
    ["DingTalk doesn't extend it", { notExtendedUntil: at(5 * MINUTE) }, 5 * MINUTE],
    ["the last renewal failed shortly before", { lastErrorAt: at(-1), renewAt: at(MINUTE) }, MINUTE],
    ["only a person can fix the failure", { lastErrorAt: at(-1), renewAt: null }, 5 * MINUTE],
    ["six attempts are used up", { attemptedAt: attempts(6) }, 4 * MINUTE + 1],
    ["its whole life is shorter than five minutes", { renewAt: at(2 * MINUTE) }, 2 * MINUTE],
  ])("uses the remaining life of a token that can't be renewed: %s", (_, row, goodMs) => {
    expect(decided({ ...LATE, ...row }, LEASE)).toMatchObject({ do: "use", freshUntilMs: NOW + goodMs });
  });
});

describe("planRenewal for a reported version", () => {
  const forced = (version: number, seenAtMs?: number): TokenPurpose => ({
    for: "forced",
    version,
    ...(seenAtMs !== undefined && { seenAtMs }),
  });

  test("renews the current version, and uses the current token for a report of another version", () => {
    expect(decided({}, forced(4))).toEqual({ do: "renew", attemptsMax: 5, isForced: true });
    expect(decided({}, forced(3))).toMatchObject({ do: "use", version: 4, stringVersion: 3 });
  });

  test("uses the token if DingTalk returned it again since the report", () => {
    expect(decided({}, forced(4, NOW - 2 * MINUTE))).toMatchObject({ do: "use" });
    expect(decided({}, forced(4, NOW - MINUTE))).toMatchObject({ do: "renew" });
  });

  test("waits for another process, and refuses too soon after the last forced renewal", () => {
    const forceAfter = at(1);

    expect(decided({ forceAfter, renewingUntil: at(2) }, forced(4))).toMatchObject({ do: "wait" });
    const tooSoon = { do: "refuse", because: "too_soon", untilMs: NOW + 1 };
    expect(decided({ forceAfter }, forced(4))).toEqual(tooSoon);
    expect(decided({ forceAfter: at(0) }, forced(4))).toMatchObject({ do: "renew" });
  });

  test("does not count the renewal of an expired token as forced", () => {
    expect(decided({ ...EXPIRED, forceAfter: at(1) }, forced(4))).toMatchObject({
      do: "renew",
      isForced: false,
      attemptsMax: 6,
    });
  });

  test("leaves the sixth attempt to the token's expiry", () => {
    expect(decided({ attemptedAt: attempts(5) }, forced(4))).toMatchObject({ because: "used_up" });
  });
});

describe("planRenewal for the schedule", () => {
  test("renews a token only when it is due", () => {
    expect(decided({ renewAt: at(0) }, SCHEDULE)).toEqual({ do: "renew", attemptsMax: 6, isForced: false });
    expect(decided({ renewAt: at(1) }, SCHEDULE)).toEqual({ do: "leave", untilMs: NOW + 1 });
  });

  test("leaves a token that DingTalk didn't extend until it expires", () => {
    const row = { renewAt: at(0), notExtendedUntil: at(MINUTE) };

    expect(decided(row, SCHEDULE)).toEqual({ do: "leave", untilMs: NOW + MINUTE });
  });

  test("leaves an app with a refused secret to a person", () => {
    expect(decided(BROKEN, SCHEDULE)).toEqual({ do: "leave", untilMs: null });
  });
});
