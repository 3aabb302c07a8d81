import { describe, expect, test } from "vitest";
import { barsPath, HOUR_MS, hoursUntil, toChart } from "./chart-series";

const NOW = Date.UTC(2026, 10, 27, 8, 30);
const hours = hoursUntil(NOW, 24);
const row = (keyId: string, hoursAgo: number, reads: number) => ({
  keyId,
  keyName: `name of ${keyId}`,
  hour: new Date(Date.UTC(2026, 10, 27, 8) - hoursAgo * HOUR_MS),
  reads,
});

describe("chart series", () => {
  test("hoursUntil returns the last hours, ending with the current one", () => {
    expect(hours).toHaveLength(24);
    expect(hours.at(-1)).toBe(Date.UTC(2026, 10, 27, 8));
    expect(hours[0]).toBe(Date.UTC(2026, 10, 26, 9));
  });

  test("toChart returns a row per key, most reads first, with zeros for empty hours", () => {
    const { series, highest } = toChart([row("a", 0, 2), row("b", 1, 7), row("b", 23, 1)], hours);

    expect(series.map(({ name, total }) => [name, total])).toEqual([
      ["name of b", 8],
      ["name of a", 2],
    ]);
    expect(series[0]?.reads).toEqual([1, ...Array.from({ length: 21 }, () => 0), 7, 0]);
    expect(highest).toBe(7);
  });

  test("toChart leaves out hours before the chart", () => {
    expect(toChart([row("a", 24, 2)], hours).series).toEqual([]);
  });

  test("toChart combines the remaining keys into one row without losing reads", () => {
    const rows = Array.from({ length: 9 }, (_, index) => row(`k${index}`, 0, index + 1));
    const { series } = toChart(rows, hours);

    expect(series).toHaveLength(6);
    expect(series.at(-1)).toMatchObject({ name: null, isOthers: true, total: 1 + 2 + 3 + 4 });
    expect(series.reduce((sum, { total }) => sum + total, 0)).toBe(45);
  });

  test("barsPath shows a single read among thousands, and nothing for none", () => {
    expect(barsPath([0, 1, 5_000], 5_000)).toBe("M1.1 1v-0.060h.8v0.060zM2.1 1v-1.000h.8v1.000z");
  });
});
