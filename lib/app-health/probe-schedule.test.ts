import { describe, expect, test } from "vitest";
import { nextProbeAt } from "./probe-schedule";

const MINUTE = 60_000;
const NOW = Date.UTC(2026, 0, 5, 1, 0, 0);

describe("nextProbeAt", () => {
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

  test("probes every ten minutes after a cause that is fixed at DingTalk", () => {
    expect(nextProbeAt("external", new Date(NOW - 600 * MINUTE), new Date(NOW))).toEqual(
      new Date(NOW + 10 * MINUTE),
    );
  });
});
