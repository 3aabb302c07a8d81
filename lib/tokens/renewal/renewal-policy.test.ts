import { describe, expect, test } from "vitest";
import { attemptLimits, nextAllowedMs, renewalPlan } from "./renewal-policy";

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

  test("at half a life of one minute, too", () => {
    expect(plan(null, { value: "a", expiresAt: at(MINUTE) }).renewAt).toEqual(at(30 * SECOND));
  });

  test("every ten seconds at most, however short the life is", () => {
    expect(plan(null, { value: "a", expiresAt: at(SECOND) }).renewAt).toEqual(at(10 * SECOND));
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
  test.each([
    ["two hours", 120 * MINUTE, 6],
    ["twenty minutes", 20 * MINUTE, 6],
    ["ten minutes", 10 * MINUTE, 7],
    ["a minute", MINUTE, 25],
    ["a second", SECOND, 60],
    ["no time at all", 0, 60],
  ])("of a token that lives %s are so many in ten minutes", (_, lifeMs, all) => {
    const stated = { obtainedAt: at(0), expiresAt: at(lifeMs), changedAt: at(0), notExtendedUntil: null };
    const limits = attemptLimits(stated);
    expect(limits).toEqual({ all, forced: all - 1, test: all - 2 });
  });

  test("of a token whose life is unknown are six", () => {
    const nothing = { obtainedAt: null, expiresAt: null, changedAt: null, notExtendedUntil: null };
    expect(attemptLimits(nothing).all).toBe(6);
    expect(attemptLimits({ ...nothing, obtainedAt: at(0) }).all).toBe(6);
    expect(attemptLimits({ ...nothing, expiresAt: at(MINUTE) }).all).toBe(6);
  });

  test("of a token that is given with what remains of it are counted by its whole life", () => {
    const remains = { obtainedAt: at(0), expiresAt: at(MINUTE), changedAt: at(-119 * MINUTE) };
    expect(attemptLimits({ ...remains, notExtendedUntil: at(MINUTE) }).all).toBe(6);
    expect(attemptLimits({ ...remains, notExtendedUntil: null }).all, "extended by a minute each time").toBe(
      25,
    );
  });

  const six = [0, 1, 2, 3, 4, 5].map((minute) => at(-minute * MINUTE));

  test("a seventh waits until the first of six is more than ten minutes ago", () => {
    expect(nextAllowedMs(six, NOW, 6)).toBe(NOW + 5 * MINUTE + 1);
    expect(nextAllowedMs(six.slice(1), NOW, 6)).toBe(NOW);
  });

  test("are counted by their times, in whatever order they are stored", () => {
    expect(nextAllowedMs(six.toReversed(), NOW, 6)).toBe(NOW + 5 * MINUTE + 1);
    expect(nextAllowedMs(six.toReversed(), NOW, 4)).toBe(NOW + 7 * MINUTE + 1);
    expect(nextAllowedMs([...six, at(-11 * MINUTE)], NOW, 7)).toBe(NOW);
  });

  test("one exactly ten minutes ago still counts, or there would be seven in ten minutes", () => {
    const edge = [...six.slice(0, 5), at(-10 * MINUTE)];

    expect(nextAllowedMs(edge, NOW, 6)).toBe(NOW + 1);
    expect(nextAllowedMs(edge, NOW + 1, 6)).toBe(NOW + 1);
  });
});
