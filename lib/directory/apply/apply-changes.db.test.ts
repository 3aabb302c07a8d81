import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { AppRef } from "@/lib/app-ref";
import { asAdmin } from "@/lib/testing/directory-sync";
import { openApp, present, type World, world } from "./test-support/worlds";

/** Expected `department_count`: each person once in each department and in all of its ancestors. */
function countsOf({ departments, members }: World): Record<number, [direct: number, total: number]> {
  const counts: Record<number, [number, number]> = {};
  for (const { places } of members.values()) {
    const above = new Set<number>();
    for (const place of places) {
      for (let at: number | null = place; at !== null; at = departments.get(at)?.parent ?? null)
        above.add(at);
    }
    for (const id of above) {
      const [direct, total] = counts[id] ?? [0, 0];
      counts[id] = [direct + Number(places.includes(id)), total + 1];
    }
  }
  return counts;
}

async function heldCounts({ appId }: AppRef) {
  const rows = await asAdmin<{ id: number; direct: number; total: number }>(
    `SELECT department_id::int AS id, direct, total FROM department_count WHERE app_id = $1`,
    [appId],
  );
  return Object.fromEntries(rows.map(({ id, direct, total }) => [id, [direct, total]]));
}

describe("applyChanges", () => {
  test("turns any tree into exactly the new one, in any order of the rows", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(world, { minLength: 2, maxLength: 4 }),
        fc.boolean(),
        async (worlds, isBackwards) => {
          const { app, become } = await openApp();
          for (const next of worlds) {
            await become(next, (id) => (isBackwards ? -id : id));
            expect(await present(app)).toEqual(next);
            expect(await heldCounts(app)).toEqual(countsOf(next));
          }
        },
      ),
      { numRuns: 25 },
    );
  }, 120_000);
});
