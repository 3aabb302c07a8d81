import { describe, expect, test } from "vitest";
import { HOUR_MS, hoursUntil } from "@/app/_components/charts/hour-series";
import { toSeries } from "./read-series";

const hours = hoursUntil(Date.UTC(2026, 10, 27, 8, 30), 24);
const row = (keyId: string, hoursAgo: number, reads: number) => ({
  keyId,
  keyName: `name of ${keyId}`,
  hour: new Date(Date.UTC(2026, 10, 27, 8) - hoursAgo * HOUR_MS),
  reads,
});

describe("read series", () => {
  test("toSeries returns a row per key, most reads first, with zeros for empty hours", () => {
    const series = toSeries([row("a", 0, 2), row("b", 1, 7), row("b", 23, 1)], hours);

    expect(series.map(({ name, total }) => [name, total])).toEqual([
      ["name of b", 8],
      ["name of a", 2],
    ]);
    expect(series[0]?.values).toEqual([1, ...Array.from({ length: 21 }, () => 0), 7, 0]);
  });

  test("toSeries leaves out hours before the chart", () => {
    expect(toSeries([row("a", 24, 2)], hours)).toEqual([]);
  });

  test("toSeries combines the remaining keys into one row without losing reads", () => {
    const rows = Array.from({ length: 9 }, (_, index) => row(`k${index}`, 0, index + 1));
    const series = toSeries(rows, hours);

    expect(series).toHaveLength(6);
    expect(series.at(-1)).toMatchObject({ name: null, isOthers: true, total: 1 + 2 + 3 + 4 });
    expect(series.reduce((sum, { total }) => sum + total, 0)).toBe(45);
  });
});
