import { describe, expect, test } from "vitest";
import { barsPath, hoursUntil } from "./hour-series";

describe("hour series", () => {
  test("hoursUntil returns the last hours, ending with the current one", () => {
    const hours = hoursUntil(Date.UTC(2026, 10, 27, 8, 30), 24);
    expect(hours).toHaveLength(24);
    expect(hours.at(-1)).toBe(Date.UTC(2026, 10, 27, 8));
    expect(hours[0]).toBe(Date.UTC(2026, 10, 26, 9));
  });

  test("barsPath shows a single one among thousands, and nothing for none", () => {
    expect(barsPath([0, 1, 5_000], 5_000)).toBe("M1.1 1v-0.060h.8v0.060zM2.1 1v-1.000h.8v1.000z");
  });
});
