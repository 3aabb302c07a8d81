import { describe, expect, test } from "vitest";
import type { DingtalkErrorKind } from "@/lib/dingtalk/error-kinds";
import { DingtalkError } from "@/lib/dingtalk/errors";
import {
  attemptLimits,
  backOffUntil,
  type FailureHistory,
  nextAllowedMs,
  nextRetryAt,
  planNextRenewal,
} from "./renewal-policy";

const NOW = Date.UTC(2026, 0, 5, 1, 0, 0);
const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const at = (offsetMs: number) => new Date(NOW + offsetMs);
type Token = { readonly value: string; readonly expiresAt: Date };
const plan = (previous: Token | null, answer: Token, { random = 0, sinceMs = 110 * MINUTE } = {}) =>
  planNextRenewal(
    previous && { ...previous, obtainedAt: at(-sinceMs) },
    { ...answer, obtainedAt: at(0) },
    { nowMs: NOW, random },
  );

describe("planNextRenewal: time of the renewal", () => {
  test("plans the renewal 10 to 12 minutes before the expiry, spread by jitter", () => {
    const answer = { value: "a", expiresAt: at(120 * MINUTE) };

    expect(plan(null, answer).renewAt).toEqual(at(110 * MINUTE));
    expect(plan(null, answer, { random: 0.5 }).renewAt).toEqual(at(109 * MINUTE));
    expect(plan(null, answer, { random: 0.999 }).renewAt.getTime()).toBeGreaterThan(NOW + 108 * MINUTE);
  });

  test("plans the renewal at half the life of a token that lives less than 20 minutes", () => {
    expect(plan(null, { value: "a", expiresAt: at(10 * MINUTE) }).renewAt).toEqual(at(5 * MINUTE));
  });

  test("plans the renewal at half the life of a token that lives one minute", () => {
    expect(plan(null, { value: "a", expiresAt: at(MINUTE) }).renewAt).toEqual(at(30 * SECOND));
  });

  test("plans renewals at least ten seconds apart for any shorter life", () => {
    expect(plan(null, { value: "a", expiresAt: at(SECOND) }).renewAt).toEqual(at(10 * SECOND));
  });
});

describe("planNextRenewal: comparison with the previous token", () => {
  const previous = { value: "a", expiresAt: at(10 * MINUTE) };

  test.each([
    ["expires 59.999 s later", { value: "a", expiresAt: at(10 * MINUTE + 59_999) }],
    ["expires at the same time", { value: "a", expiresAt: at(10 * MINUTE) }],
    ["expires earlier", { value: "a", expiresAt: at(5 * MINUTE) }],
  ])("does not renew before the expiry if the same string %s", (_, answer) => {
    expect(plan(previous, answer)).toEqual({
      isNewString: false,
      isNewVersion: false,
      renewAt: answer.expiresAt,
      notExtendedUntil: answer.expiresAt,
    });
  });

  test("counts the same string as extended if it expires a minute later", () => {
    const planned = plan(previous, { value: "a", expiresAt: at(11 * MINUTE) });

    expect(planned).toMatchObject({ isNewString: false, isNewVersion: true, notExtendedUntil: null });
  });

  test("counts the same string as extended if it gained the time since a recent renewal", () => {
    const soon = { value: "a", expiresAt: at(120 * MINUTE - 17 * SECOND) };
    const whole = { value: "a", expiresAt: at(120 * MINUTE) };
    expect(plan(soon, whole, { sinceMs: 17 * SECOND })).toEqual({
      isNewString: false,
      isNewVersion: true,
      renewAt: at(110 * MINUTE),
      notExtendedUntil: null,
    });
    const rounded = { value: "a", expiresAt: at(120 * MINUTE - 16 * SECOND) };
    expect(plan(soon, rounded, { sinceMs: 17 * SECOND }).isNewVersion, "remaining life, rounded").toBe(false);
    expect(plan(soon, soon, { sinceMs: 0 }).isNewVersion, "at once").toBe(false);
  });

  test("counts a new string as a new version even with the old expiry", () => {
    const planned = plan(previous, { value: "b", expiresAt: at(10 * MINUTE) });

    expect(planned).toMatchObject({ isNewString: true, isNewVersion: true, notExtendedUntil: null });
  });
});

describe("attemptLimits and nextAllowedMs", () => {
  test.each([
    ["two hours", 120 * MINUTE, 6],
    ["twenty minutes", 20 * MINUTE, 6],
    ["ten minutes", 10 * MINUTE, 7],
    ["a minute", MINUTE, 25],
    ["a second", SECOND, 60],
    ["zero", 0, 60],
  ])("derives the attempts in ten minutes from a life of %s", (_, lifeMs, all) => {
    const stated = { obtainedAt: at(0), expiresAt: at(lifeMs), changedAt: at(0), notExtendedUntil: null };
    const limits = attemptLimits(stated);
    expect(limits).toEqual({ all, forced: all - 1, test: all - 2 });
  });

  test("allows six attempts if the life is unknown", () => {
    const nothing = { obtainedAt: null, expiresAt: null, changedAt: null, notExtendedUntil: null };
    expect(attemptLimits(nothing).all).toBe(6);
    expect(attemptLimits({ ...nothing, obtainedAt: at(0) }).all).toBe(6);
    expect(attemptLimits({ ...nothing, expiresAt: at(MINUTE) }).all).toBe(6);
  });

  test("uses the whole life of a string that DingTalk returns with its remaining life", () => {
    const remains = { obtainedAt: at(0), expiresAt: at(MINUTE), changedAt: at(-119 * MINUTE) };
    expect(attemptLimits({ ...remains, notExtendedUntil: at(MINUTE) }).all).toBe(6);
    expect(attemptLimits({ ...remains, notExtendedUntil: null }).all, "extended by a minute each time").toBe(
      25,
    );
  });

  const six = [0, 1, 2, 3, 4, 5].map((minute) => at(-minute * MINUTE));

  test("allows the seventh attempt when the first of six is more than ten minutes old", () => {
    expect(nextAllowedMs(six, NOW, 6)).toBe(NOW + 5 * MINUTE + 1);
    expect(nextAllowedMs(six.slice(1), NOW, 6)).toBe(NOW);
  });

  test("ignores the order in which attempts are stored", () => {
    expect(nextAllowedMs(six.toReversed(), NOW, 6)).toBe(NOW + 5 * MINUTE + 1);
    expect(nextAllowedMs(six.toReversed(), NOW, 4)).toBe(NOW + 7 * MINUTE + 1);
    expect(nextAllowedMs([...six, at(-11 * MINUTE)], NOW, 7)).toBe(NOW);
  });

  test("counts an attempt that is exactly ten minutes old", () => {
    const edge = [...six.slice(0, 5), at(-10 * MINUTE)];

    expect(nextAllowedMs(edge, NOW, 6)).toBe(NOW + 1);
    expect(nextAllowedMs(edge, NOW + 1, 6)).toBe(NOW + 1);
  });
});

const errorOf = (kind: DingtalkErrorKind, retryAfterMs: number | null = null) =>
  new DingtalkError({ kind, api: "v1.0/oauth2/accessToken", upstream: { host: "h" }, retryAfterMs });

/** Simulates an outage and returns the pauses between its attempts in seconds. */
function outage({ random, hours = 6 }: { readonly random: () => number; readonly hours?: number }): number[] {
  const attemptedAt: Date[] = [];
  const pauses: number[] = [];
  let nowMs = NOW;
  for (let failures = 0; nowMs < NOW + hours * 60 * MINUTE; failures += 1) {
    attemptedAt.push(new Date(nowMs));
    const time = { nowMs, random: random() };
    const next = nextRetryAt(errorOf("temporary_fault"), { attemptedAt, failures, attemptsMax: 6 }, time);
    if (!next) throw new Error("an outage is always retried");
    pauses.push((next.getTime() - nowMs) / SECOND);
    nowMs = next.getTime();
  }
  return pauses;
}

describe("nextRetryAt and backOffUntil", () => {
  test("retries transient failures after pauses that grow from 5 s", () => {
    expect(outage({ random: () => 0 }).slice(0, 6)).toEqual([5, 15, 60, 120, 240, 500]);
  });

  test.each([0, 0.5, 0.999_999])("keeps late pauses between eight and ten minutes (random %s)", (random) => {
    const later = outage({ random: () => random }).slice(6);

    expect(later.length).toBeGreaterThan(30);
    expect(Math.min(...later)).toBeGreaterThanOrEqual(480);
    expect(Math.max(...later)).toBeLessThanOrEqual(600);
  });

  test("gives apps that failed at the same time different pauses", () => {
    const [one, other] = [0.1, 0.9].map((random) => outage({ random: () => random, hours: 1 }));

    expect(one).not.toEqual(other);
  });

  test("waits with the next renewal as long as DingTalk asks for", () => {
    const history: FailureHistory = { attemptedAt: [new Date(NOW)], failures: 0, attemptsMax: 6 };
    const at = backOffUntil(history, 90 * SECOND, { nowMs: NOW, random: 0 });

    expect(at).toEqual(new Date(NOW + 90 * SECOND));
  });

  test("allows six attempts in ten minutes even after the first failure", () => {
    const attemptedAt = [0, 1, 2, 3, 4, 5].map((minute) => new Date(NOW - minute * MINUTE));
    const at = backOffUntil({ attemptedAt, failures: 0, attemptsMax: 6 }, null, {
      nowMs: NOW,
      random: 0,
    });

    expect(at.getTime()).toBe(NOW + 5 * MINUTE + 1);
  });

  test("does not retry a refused secret, after any number of failures", () => {
    for (const failures of [0, 7]) {
      const history = { attemptedAt: [new Date(NOW)], failures, attemptsMax: 6 };
      expect(nextRetryAt(errorOf("credentials_refused"), history, { nowMs: NOW, random: 0 })).toBeNull();
    }
  });

  test("retries a wrong CorpId after pauses that double from a minute to an hour", () => {
    const pauses = Array.from({ length: 9 }, (_, failures) => {
      const history = { attemptedAt: [new Date(NOW)], failures, attemptsMax: 6 };
      const at = nextRetryAt(errorOf("corp_id_wrong"), history, { nowMs: NOW, random: 0.9 });
      return ((at?.getTime() ?? 0) - NOW) / MINUTE;
    });
    expect(pauses).toEqual([1, 2, 4, 8, 16, 32, 60, 60, 60]);
  });

  test("retries causes that are fixed at DingTalk every ten minutes, without growing pauses", () => {
    for (const failures of [0, 1, 100]) {
      const history = { attemptedAt: [new Date(NOW)], failures, attemptsMax: 6 };
      expect(nextRetryAt(errorOf("ip_not_allowed"), history, { nowMs: NOW, random: 0.9 })).toEqual(
        new Date(NOW + 10 * MINUTE),
      );
    }
  });
});
