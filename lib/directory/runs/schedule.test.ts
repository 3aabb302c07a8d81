import { describe, expect, test } from "vitest";
import { dueAt, nextDueAt } from "./schedule";

const HOUR_MS = 3_600_000;
const at = (text: string) => new Date(`2026-03-01T${text}Z`);
const appIds = Array.from(
  { length: 300 },
  (_, n) => `019a0000-0000-7000-8000-${String(n).padStart(12, "0")}`,
);

describe("dueAt", () => {
  test("returns the app's latest due time that is not after now", () => {
    for (const id of appIds.slice(0, 20)) {
      const due = dueAt(id, 6, at("12:00:00.000"));
      expect(due.getTime()).toBeLessThanOrEqual(at("12:00:00.000").getTime());
      expect(dueAt(id, 6, due)).toEqual(due);
      expect(dueAt(id, 6, new Date(due.getTime() + 6 * HOUR_MS - 1))).toEqual(due);
      expect(dueAt(id, 6, new Date(due.getTime() + 6 * HOUR_MS))).toEqual(
        new Date(due.getTime() + 6 * HOUR_MS),
      );
      expect(nextDueAt(id, 6, at("12:00:00.000"))).toEqual(new Date(due.getTime() + 6 * HOUR_MS));
    }
  });

  test("spreads 300 apps over the minutes and avoids the top of the hour", () => {
    const minutes = appIds.map((id) => dueAt(id, 6, at("12:00:00.000")).toISOString().slice(11, 16));
    const most = Math.max(...minutes.map((minute) => minutes.filter((other) => other === minute).length));

    expect(most).toBeLessThanOrEqual(6);
    expect(minutes.filter((minute) => Number(minute.slice(3)) < 5)).toEqual([]);
    expect(new Set(minutes.map((minute) => minute.slice(0, 2))).size).toBe(6);
  });

  test("spreads the apps of one minute over its seconds", () => {
    const seconds = appIds.map((id) => dueAt(id, 6, at("12:00:00.000")).getUTCSeconds());

    expect(new Set(seconds).size).toBeGreaterThan(50);
  });

  test("accepts any number of hours, and has no time for an app without a schedule", () => {
    for (const hours of [1, 2, 5, 24, 168]) {
      const due = dueAt("a", hours, at("12:00:00.000")).getTime();
      expect(at("12:00:00.000").getTime() - due).toBeLessThan(hours * HOUR_MS);
    }
    expect(nextDueAt("a", 0, at("12:00:00.000"))).toBeNull();
  });
});
