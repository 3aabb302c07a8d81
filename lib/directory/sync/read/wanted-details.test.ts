import { describe, expect, test } from "vitest";
import type { StoredDepartment } from "../directory-store";
import { toReadDepartment } from "./department-tree";
import { department } from "./test-support/fake-directory";
import { wantsDetails } from "./wanted-details";

const NOW = new Date("2026-11-28T00:00:00Z");
const DAY_MS = 86_400_000;

const stored = (
  departmentId: string,
  daysAgo: number | null,
  rest: Partial<StoredDepartment> = {},
): StoredDepartment => ({
  departmentId,
  parentId: "1",
  name: `部门 ${departmentId}`,
  order: null,
  sourceIdentifier: null,
  extra: "{}",
  details: daysAgo === null ? null : "{}",
  isRemoved: false,
  isKept: false,
  sinceRevision: 1,
  detailsAtMs: daysAgo === null ? null : NOW.getTime() - daysAgo * DAY_MS,
  ...rest,
});

function asker(rows: readonly StoredDepartment[]) {
  const wants = wantsDetails(new Map(rows.map((row) => [row.departmentId, row])), {
    detailsDays: 7,
    now: NOW,
  });
  return (id: string, parentId = "1", name = `部门 ${id}`) =>
    wants(toReadDepartment(department(id, parentId, { name }), parentId));
}

describe("wantsDetails", () => {
  test("selects new, returned, renamed and moved departments, and those without details", () => {
    const wants = asker([stored("2", 1), stored("3", null), stored("4", 1, { isRemoved: true })]);
    expect(wants("2")).toBe(false);
    expect(wants("2", "9")).toBe(true);
    expect(wants("2", "1", "别名")).toBe(true);
    expect(["3", "4", "5"].map((id) => wants(id))).toEqual([true, true, true]);
  });

  test("selects details older than seven days, oldest first, at most a seventh per run", () => {
    const rows = Array.from({ length: 70 }, (_, n) => stored(String(n + 2), n < 30 ? 7 + n : 1));
    const wants = asker(rows);
    const request = rows.map(({ departmentId }) => departmentId).filter((id) => wants(id));
    expect(request).toEqual(Array.from({ length: 10 }, (_, n) => String(n + 22)));
    expect(asker([stored("2", 7)])("2")).toBe(true);
    expect(asker([stored("2", 6.99)])("2")).toBe(false);
  });
});
