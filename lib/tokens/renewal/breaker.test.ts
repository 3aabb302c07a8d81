import { describe, expect, test } from "vitest";
import type { DingtalkErrorKind } from "@/lib/dingtalk/error-kinds";
import { DingtalkError } from "@/lib/dingtalk/errors";
import { type Failing, nextProbeAt, nextTryAt, retryAtAfterFailure } from "./breaker";

const NOW = Date.UTC(2026, 0, 5, 1, 0, 0);
const SECOND = 1_000;
const MINUTE = 60 * SECOND;

const errorOf = (kind: DingtalkErrorKind, retryAfterMs: number | null = null) =>
  new DingtalkError({ kind, api: "v1.0/oauth2/accessToken", upstream: { host: "h" }, retryAfterMs });

/** An outage of many hours, lived through by a clock of its own: the pauses between its attempts, in seconds. */
function outage({ random, hours = 6 }: { readonly random: () => number; readonly hours?: number }): number[] {
  const attemptedAt: Date[] = [];
  const pauses: number[] = [];
  let nowMs = NOW;
  for (let failures = 0; nowMs < NOW + hours * 60 * MINUTE; failures += 1) {
    attemptedAt.push(new Date(nowMs));
    const moment = { nowMs, random: random() };
    const next = nextTryAt(errorOf("temporary_fault"), { attemptedAt, failures, attemptsMax: 6 }, moment);
    if (!next) throw new Error("an outage is always tried again");
    pauses.push((next.getTime() - nowMs) / SECOND);
    nowMs = next.getTime();
  }
  return pauses;
}

describe("the breaker", () => {
  test("lets one try through after pauses that grow from 5 s", () => {
    expect(outage({ random: () => 0 }).slice(0, 6)).toEqual([5, 15, 60, 120, 240, 500]);
  });

  test.each([0, 0.5, 0.999_999])(
    "never waits longer than ten minutes, nor less than eight then (%s)",
    (random) => {
      const later = outage({ random: () => random }).slice(6);

      expect(later.length).toBeGreaterThan(30);
      expect(Math.min(...later)).toBeGreaterThanOrEqual(480);
      expect(Math.max(...later)).toBeLessThanOrEqual(600);
    },
  );

  test("gives apps that failed together pauses of their own", () => {
    const [one, other] = [0.1, 0.9].map((random) => outage({ random: () => random, hours: 1 }));

    expect(one).not.toEqual(other);
  });

  test("waits as long as DingTalk asks", () => {
    const failing: Failing = { attemptedAt: [new Date(NOW)], failures: 0, attemptsMax: 6 };
    const at = retryAtAfterFailure(failing, 90 * SECOND, { nowMs: NOW, random: 0 });

    expect(at).toEqual(new Date(NOW + 90 * SECOND));
  });

  test("keeps to six attempts in ten minutes, also for one that begins anew", () => {
    const attemptedAt = [0, 1, 2, 3, 4, 5].map((minute) => new Date(NOW - minute * MINUTE));
    const at = retryAtAfterFailure({ attemptedAt, failures: 0, attemptsMax: 6 }, null, {
      nowMs: NOW,
      random: 0,
    });

    expect(at.getTime()).toBe(NOW + 5 * MINUTE + 1);
  });

  test("doesn't try a refused secret again, however long it was right before", () => {
    for (const failures of [0, 7]) {
      const failing = { attemptedAt: [new Date(NOW)], failures, attemptsMax: 6 };
      expect(nextTryAt(errorOf("credentials_refused"), failing, { nowMs: NOW, random: 0 })).toBeNull();
    }
  });

  test("tries a wrong CorpId again after pauses that double from a minute to an hour", () => {
    const pauses = Array.from({ length: 9 }, (_, failures) => {
      const failing = { attemptedAt: [new Date(NOW)], failures, attemptsMax: 6 };
      const at = nextTryAt(errorOf("corp_id_wrong"), failing, { nowMs: NOW, random: 0.9 });
      return ((at?.getTime() ?? 0) - NOW) / MINUTE;
    });
    expect(pauses).toEqual([1, 2, 4, 8, 16, 32, 60, 60, 60]);
  });

  test("probes a broken app after pauses that grow from a minute to an hour", () => {
    const pauses: number[] = [];
    let at = new Date(NOW);
    for (let probes = 0; probes < 10; probes += 1) {
      const next = nextProbeAt("broken", probes === 0 ? null : new Date(NOW), at);
      pauses.push((next.getTime() - at.getTime()) / MINUTE);
      at = next;
    }
    expect(pauses).toEqual([1, 1, 2, 4, 8, 16, 32, 60, 60, 60]);
  });

  test("probes every ten minutes what is mended at DingTalk", () => {
    expect(nextProbeAt("elsewhere", new Date(NOW - 600 * MINUTE), new Date(NOW))).toEqual(
      new Date(NOW + 10 * MINUTE),
    );
  });

  test("looks every ten minutes at what is mended at DingTalk, the hundredth time too", () => {
    for (const failures of [0, 1, 100]) {
      const failing = { attemptedAt: [new Date(NOW)], failures, attemptsMax: 6 };
      expect(nextTryAt(errorOf("ip_not_allowed"), failing, { nowMs: NOW, random: 0.9 })).toEqual(
        new Date(NOW + 10 * MINUTE),
      );
    }
  });
});
