import { beforeAll, describe, expect, test } from "vitest";
import { inOrganizationSql } from "@/lib/db/unit-of-work";
import { searchDepartments } from "./search-departments";
import { addApp, asAdmin, makeDirectory } from "./test-support/make-directory";

type Directory = Awaited<ReturnType<typeof makeDirectory>>;

async function search({ actor, appId }: Directory, text: string, locale = "en") {
  const found = await searchDepartments(actor, appId, text, { locale });
  if (!found.ok) throw new Error(found.error);
  return found.value;
}

describe("searchDepartments", () => {
  test("finds by a part of the name, whatever its case, with the path to each hit in the tree's order", async () => {
    const directory = await makeDirectory([
      { id: 1, name: "集团" },
      { id: 2, parent: 1, name: "B", order: 2n },
      { id: 3, parent: 1, name: "A", order: 1n },
      { id: 4, parent: 2, name: "East SALES" },
      { id: 5, parent: 3, name: "salesforce" },
      { id: 6, parent: 3, name: "研发" },
    ]);
    expect(await search(directory, "sales")).toEqual({
      outcome: "found",
      nodes: [
        { id: "3", parentId: "1", name: "A" },
        { id: "2", parentId: "1", name: "B" },
        { id: "4", parentId: "2", name: "East SALES" },
        { id: "5", parentId: "3", name: "salesforce" },
        { id: "1", parentId: null, name: "集团" },
      ],
      hitIds: ["4", "5"],
      total: 2,
    });
  });

  test.each(["%", "_", "\\", "a%c", "a_c", "a\\c", "%%", "\\%"])(
    "S26 %s in a search is that text and nothing else",
    async (text) => {
      const directory = await makeDirectory([
        { id: 1, name: `x${text}y` },
        { id: 2, name: "abc" },
        { id: 3, name: "plain" },
      ]);
      const { hitIds } = await search(directory, text);
      expect(hitIds).toEqual(["1"]);
    },
  );

  test("an exact id is found, and comes first; a part of an id is not", async () => {
    const directory = await makeDirectory([
      { id: 90_517_234 },
      { id: 2, name: "90517234" },
      { id: 3, name: "x90517234" },
    ]);
    expect((await search(directory, "90517234")).hitIds).toEqual(["90517234", "2", "3"]);
    expect((await search(directory, "9051723400000000000")).hitIds).toEqual([]);
    expect((await search(directory, "99999999999999999999999")).hitIds).toEqual([]);
  });

  test("gives 200 hits at most, the best first, and says how many there are", async () => {
    const many = Array.from({ length: 250 }, (_, index) => ({
      id: 10 + index,
      parent: 1,
      name: `销售 ${index}`,
    }));
    const directory = await makeDirectory([
      { id: 1, name: "集团" },
      ...many,
      { id: 999, parent: 1, name: "销售" },
    ]);
    const { hitIds, total, nodes } = await search(directory, "销售");
    expect([hitIds.length, total, hitIds[0], nodes.length]).toEqual([200, 251, "999", 201]);
  });

  test("removed departments are neither found nor on a path", async () => {
    const directory = await makeDirectory([
      { id: 1, name: "gone", isRemoved: true },
      { id: 2, parent: 1, name: "gone too, but its parent only" },
    ]);
    const { hitIds, nodes } = await search(directory, "gone");
    expect([hitIds, nodes.length]).toEqual([["2"], 1]);
  });

  test("departments that are each other's parents don't hang it", async () => {
    const directory = await makeDirectory([
      { id: 1, parent: 2, name: "circle a" },
      { id: 2, parent: 1, name: "circle b" },
    ]);
    expect((await search(directory, "circle")).nodes).toHaveLength(2);
  });

  test("another app's and another organization's departments are never found", async () => {
    const mine = await makeDirectory([{ id: 1, parent: 7, name: "same" }]);
    await addApp(mine.organizationId, [{ id: 7, name: "same" }]);
    const theirs = await makeDirectory([{ id: 7, name: "same" }]);
    expect(await search(mine, "same")).toMatchObject({ hitIds: ["1"], total: 1, nodes: [{ id: "1" }] });
    expect((await search(theirs, "same")).hitIds, "the control").toEqual(["7"]);
    await expect(searchDepartments(mine.actor, theirs.appId, "same", { locale: "en" })).rejects.toMatchObject(
      {
        code: "not_found",
      },
    );
  });
});

describe("in 100,000 departments", () => {
  let large: Directory;
  beforeAll(async () => {
    large = await makeDirectory(
      Array.from({ length: 100_000 }, (_, index) => ({
        id: index + 1,
        parent: index && Math.ceil(index / 12),
      })),
    );
    await asAdmin((client) => client.query("ANALYZE department"));
  });

  test("S26 a search that takes too long ends, and says so; the connection goes on", async () => {
    const slow = await searchDepartments(large.actor, large.appId, "不", { locale: "en", timeoutMs: 1 });
    expect(slow).toEqual({ ok: false, error: "too_slow" });
    expect((await search(large, "部门 77777")).hitIds).toEqual(["77777"]);
  });

  test("S14 the application's role reads one app's rows by the index that begins with the organization", async () => {
    const { actor, appId, organizationId } = large;
    const plan = await inOrganizationSql(actor, async (client) => {
      const { rows } = await client.query<{ "QUERY PLAN": string }>(
        `EXPLAIN SELECT department_id FROM department
         WHERE organization_id = $1 AND app_id = $2 AND removed_at IS NULL AND name ILIKE '%x%'`,
        [organizationId, appId],
      );
      return rows.map((row) => row["QUERY PLAN"]).join("\n");
    });
    expect(plan).toMatch(/current_setting\('app\.organization_id'/);
    expect(plan).toMatch(/organization_id = '[0-9a-f-]{36}'/);
  });
});
