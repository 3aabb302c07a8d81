import { describe, expect, test } from "vitest";
import { ATTEMPTS_MAX, nextAllowedMs, renewalPlan } from "./renewal-policy";

const NOW = Date.UTC(2026, 0, 5, 1, 0, 0);
const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const at = (offsetMs: number) => new Date(NOW + offsetMs);
type Token = { readonly value: string; readonly expiresAt: Date };
const plan = (previous: Token | null, answer: Token, { random = 0, sinceMs = 110 * MINUTE } = {}) =>
  renewalPlan(
    previous && { ...previous, obtainedAt: at(-sinceMs) },
    { ...answer, obtainedAt: at(0) },
    { nowMs: NOW, random },
  );

describe("a renewal is planned", () => {
  test("ten minutes before the expiry, and up to two earlier, so that apps don't come together", () => {
    const answer = { value: "a", expiresAt: at(120 * MINUTE) };

    expect(plan(null, answer).renewAt).toEqual(at(110 * MINUTE));
    expect(plan(null, answer, { random: 0.5 }).renewAt).toEqual(at(109 * MINUTE));
    expect(plan(null, answer, { random: 0.999 }).renewAt.getTime()).toBeGreaterThan(NOW + 108 * MINUTE);
  });

  test("at half the life of a token that lives less than twenty minutes", () => {
    expect(plan(null, { value: "a", expiresAt: at(10 * MINUTE) }).renewAt).toEqual(at(5 * MINUTE));
  });

  test("never so often by itself that readers would have no attempts left", () => {
    expect(plan(null, { value: "a", expiresAt: at(10 * SECOND) }).renewAt).toEqual(at(100 * SECOND));
  });
});

describe("what DingTalk answered", () => {
  const held = { value: "a", expiresAt: at(10 * MINUTE) };

  test.each([
    ["the same string, 59.999 s longer", { value: "a", expiresAt: at(10 * MINUTE + 59_999) }],
    ["the same string, no longer", { value: "a", expiresAt: at(10 * MINUTE) }],
    ["the same string, shorter", { value: "a", expiresAt: at(5 * MINUTE) }],
  ])("%s, is not extended, and left alone until it expires", (_, answer) => {
    expect(plan(held, answer)).toEqual({
      isNewString: false,
      isNewVersion: false,
      renewAt: answer.expiresAt,
      notExtendedUntil: answer.expiresAt,
    });
  });

  test("the same string a minute longer is extended", () => {
    const planned = plan(held, { value: "a", expiresAt: at(11 * MINUTE) });

    expect(planned).toMatchObject({ isNewString: false, isNewVersion: true, notExtendedUntil: null });
  });

  test("the same string that was forced out soon is extended by the little time that has passed", () => {
    const soon = { value: "a", expiresAt: at(120 * MINUTE - 17 * SECOND) };
    const whole = { value: "a", expiresAt: at(120 * MINUTE) };
    expect(plan(soon, whole, { sinceMs: 17 * SECOND })).toEqual({
      isNewString: false,
      isNewVersion: true,
      renewAt: at(110 * MINUTE),
      notExtendedUntil: null,
    });
    const rounded = { value: "a", expiresAt: at(120 * MINUTE - 16 * SECOND) };
    expect(plan(soon, rounded, { sinceMs: 17 * SECOND }).isNewVersion, "what remains, rounded").toBe(false);
    expect(plan(soon, soon, { sinceMs: 0 }).isNewVersion, "at once").toBe(false);
  });

  test("a new string is a new life, also when it ends as the old one would have", () => {
    const planned = plan(held, { value: "b", expiresAt: at(10 * MINUTE) });

    expect(planned).toMatchObject({ isNewString: true, isNewVersion: true, notExtendedUntil: null });
  });
});

describe("attempts", () => {
  const six = [0, 1, 2, 3, 4, 5].map((minute) => at(-minute * MINUTE));

  test("a seventh waits until the first of six is more than ten minutes ago", () => {
    expect(nextAllowedMs(six, NOW, ATTEMPTS_MAX)).toBe(NOW + 5 * MINUTE + 1);
    expect(nextAllowedMs(six.slice(1), NOW, ATTEMPTS_MAX)).toBe(NOW);
  });

  test("one exactly ten minutes ago still counts, or there would be seven in ten minutes", () => {
    const edge = [...six.slice(0, 5), at(-10 * MINUTE)];

    expect(nextAllowedMs(edge, NOW, ATTEMPTS_MAX)).toBe(NOW + 1);
    expect(nextAllowedMs(edge, NOW + 1, ATTEMPTS_MAX)).toBe(NOW + 1);
  });
});
