import { randomUUID } from "node:crypto";
import { describe, expect, test } from "vitest";
import { getTreeStart } from "./get-tree-start";
import { asAdmin, makeDirectory } from "./test-support/make-directory";

const rowsOf = ({ roots, children }: Awaited<ReturnType<typeof getTreeStart>>) =>
  [roots, ...Object.values(children)].reduce((sum, page) => sum + page.items.length, 0);

describe("getTreeStart", () => {
  test("returns the roots of the tree and one level", async () => {
    const { actor, appId } = await makeDirectory([
      { id: 1 },
      { id: 2, parent: 1 },
      { id: 3, parent: 2 },
      { id: 4, parent: 2 },
    ]);
    const start = await getTreeStart(actor, appId, { locale: "en" });
    expect(start).toMatchObject({ departmentCount: 4, selected: null, failedAt: null });
    expect(start.roots.items.map(({ id }) => id)).toEqual(["1"]);
    expect(Object.keys(start.children)).toEqual(["1"]);
    expect(start.children["1"]?.items.map(({ id }) => id)).toEqual(["2"]);
  });

  test("opens the path to the selected department at any position among its siblings", async () => {
    const siblings = Array.from({ length: 900 }, (_, index) => ({
      id: 100 + index,
      parent: 2,
      order: BigInt(index),
    }));
    const { actor, appId } = await makeDirectory([
      { id: 1 },
      { id: 2, parent: 1 },
      ...siblings,
      { id: 5, parent: 950 },
    ]);
    const start = await getTreeStart(actor, appId, { selectedId: "5", locale: "en" });
    expect(start.selected?.path.map(({ id }) => id)).toEqual(["1", "2", "950", "5"]);
    expect(start.children["2"]?.items.at(-1)).toMatchObject({ id: "950", position: 851 });
    expect(start.children["950"]?.items.map(({ id }) => id)).toEqual(["5"]);
    expect(start.children["5"]).toBeUndefined();
  });

  test("returns a bounded number of rows for any width and depth of the path", async () => {
    const levels = Array.from({ length: 20 }, (_, level) => level);
    const { actor, appId } = await makeDirectory(
      levels.flatMap((level) =>
        Array.from({ length: 300 }, (_, index) => ({
          id: level * 1000 + index + 1,
          parent: level && (level - 1) * 1000 + 300,
        })),
      ),
    );
    const start = await getTreeStart(actor, appId, { selectedId: "19300", locale: "en" });
    expect(start.selected?.path).toHaveLength(20);
    expect(rowsOf(start)).toBeLessThan(850);
  });

  test("returns no selection for an unknown department", async () => {
    const { actor, appId } = await makeDirectory([{ id: 1 }]);
    expect(await getTreeStart(actor, appId, { selectedId: "2", locale: "en" })).toMatchObject({
      selected: null,
    });
  });

  test.each([
    ["failed", ["succeeded", "failed"], true],
    ["succeeded after a failure", ["failed", "succeeded"], false],
    ["was interrupted", ["interrupted"], true],
    ["is running after a success", ["succeeded", "running"], false],
  ])("reports whether the newest finished run failed: it %s", async (_, states, isFailed) => {
    const { actor, appId, organizationId } = await makeDirectory([{ id: 1 }]);
    await asAdmin(async (client) => {
      for (const [index, state] of states.entries()) {
        await client.query(
          `INSERT INTO sync_run (organization_id, id, app_id, number, state, trigger, finished_at)
           VALUES ($1, $2, $3, $4, $5, 'manual', CASE WHEN $6 THEN NULL ELSE now() END)`,
          [organizationId, randomUUID(), appId, index + 1, state, state === "running"],
        );
      }
    });
    const { failedAt } = await getTreeStart(actor, appId, { locale: "en" });
    expect(failedAt !== null).toBe(isFailed);
  });

  test("returns not_found for another organization's app", async () => {
    const mine = await makeDirectory([]);
    const theirs = await makeDirectory([{ id: 1 }]);
    await expect(getTreeStart(mine.actor, theirs.appId, { locale: "en" })).rejects.toMatchObject({
      code: "not_found",
    });
    expect(await getTreeStart(mine.actor, mine.appId, { locale: "en" })).toMatchObject({
      departmentCount: 0,
    });
  });
});
