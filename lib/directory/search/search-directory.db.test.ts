import pg from "pg";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { addApp, asAdmin, makeDirectory } from "../tree/test-support/make-directory";
import { type PlantedMember, plantMembers } from "../tree/test-support/plant";
import { type SearchOptions, searchDirectory } from "./search-directory";

type Directory = Awaited<ReturnType<typeof makeDirectory>>;

async function search({ actor, appId }: Directory, text: string, options: Partial<SearchOptions> = {}) {
  const found = await searchDirectory(actor, appId, text, { locale: "en", ...options });
  if (!found.ok) throw new Error(found.error);
  return found.value;
}

const departmentIds = async (...query: Parameters<typeof search>) => (await search(...query)).hitIds;
const memberIds = async (...query: Parameters<typeof search>) =>
  (await search(...query)).members.hits.map(({ id }) => id);

async function makeCompany(
  departments: Parameters<typeof makeDirectory>[0],
  members: readonly PlantedMember[] = [],
) {
  const directory = await makeDirectory(departments);
  await asAdmin((client) => plantMembers(client, directory, members));
  return directory;
}

describe("searchDirectory", () => {
  test("finds departments by part of the name in any case, with the path to each hit, in tree order", async () => {
    const directory = await makeCompany([
      { id: 1, name: "集团" },
      { id: 2, parent: 1, name: "B", order: 2n },
      { id: 3, parent: 1, name: "A", order: 1n },
      { id: 4, parent: 2, name: "East SALES" },
      { id: 5, parent: 3, name: "salesforce" },
      { id: 6, parent: 3, name: "研发" },
    ]);
    const node = (id: string, parentId: string | null, name: string) => ({
      id,
      parentId,
      name,
      isRemoved: false,
    });
    expect(await search(directory, "sales")).toEqual({
      outcome: "found",
      nodes: [
        node("3", "1", "A"),
        node("2", "1", "B"),
        node("4", "2", "East SALES"),
        node("5", "3", "salesforce"),
        node("1", null, "集团"),
      ],
      hitIds: ["5", "4"],
      total: 2,
      isMore: false,
      members: { hits: [], total: 0, isMore: false },
    });
  });

  test("finds members by name, pinyin, initials, userid and job number, with the paths of their departments", async () => {
    const directory = await makeCompany(
      [
        { id: 1, name: "集团" },
        { id: 2, parent: 1, name: "华东" },
        { id: 3, parent: 1, name: "华北" },
      ],
      [
        { id: "Manager4220", name: "单雄信", departments: [2, 3], title: "经理", jobNumber: "J-007" },
        { id: "u2", name: "单雄心", departments: [3] },
        { id: "u3", name: "Shan Xiong" },
      ],
    );
    const { members } = await search(directory, "雄信");
    expect(members).toEqual({
      hits: [
        {
          id: "Manager4220",
          name: "单雄信",
          title: "经理",
          jobNumber: "J-007",
          isActive: true,
          isRemoved: false,
          departments: [{ id: "2", path: ["集团", "华东"] }],
          departmentCount: 2,
        },
      ],
      total: 1,
      isMore: false,
    });
    for (const [typed, ids] of [
      ["shanxiongxin", ["Manager4220", "u2"]],
      ["dan'xiong", ["Manager4220", "u2"]],
      ["shan xiong", ["u3", "Manager4220", "u2"]],
      ["sxx", ["Manager4220", "u2"]],
      ["xx", ["Manager4220", "u2"]],
      ["单xiong", ["Manager4220", "u2"]],
      ["manager4220", ["Manager4220"]],
      ["MANAGER", ["Manager4220"]],
      ["4220", []],
      ["j-0", ["Manager4220"]],
      ["007", []],
    ] as const)
      expect([...(await memberIds(directory, typed))].sort(), typed).toEqual([...ids].sort());
    expect(await departmentIds(directory, "hd")).toEqual(["2"]);
  });

  test("orders an exact id first, then whole names, then prefixes, shortest first", async () => {
    const directory = await makeCompany(
      [
        { id: 7, name: "安全销售" },
        { id: 6, name: "大销售" },
        { id: 5, name: "销售三部" },
        { id: 4, name: "销售部" },
        { id: 3, name: "销售" },
        { id: 90_517_234, name: "没有" },
        { id: 2, name: "90517234" },
        { id: 1, name: "x90517234" },
      ],
      [
        { id: "xs", name: "甲" },
        { id: "b", name: "许三" },
        { id: "c", name: "许三多" },
      ],
    );
    expect(await departmentIds(directory, "销售")).toEqual(["3", "4", "5", "6", "7"]);
    expect(await departmentIds(directory, "90517234")).toEqual(["90517234", "2", "1"]);
    expect(await departmentIds(directory, "9051723400000000000")).toEqual([]);
    expect(await departmentIds(directory, "99999999999999999999999")).toEqual([]);
    expect(await memberIds(directory, "xs")).toEqual(["xs", "b", "c"]);
  });

  test.each(["%", "_", "\\", "a%c", "a_c", "a\\c", "%%", "\\%", "'", "$1"])(
    "S26 a search matches %s literally",
    async (text) => {
      const directory = await makeCompany([
        { id: 1, name: `x${text}y` },
        { id: 2, name: "abc" },
        { id: 3, name: "plain" },
      ]);
      expect(await departmentIds(directory, text)).toEqual(["1"]);
    },
  );

  test("ignores full-width forms and input method separators, and finds nothing for invisible characters", async () => {
    const directory = await makeCompany([{ id: 1, name: "Ｓａｌｅｓ　华东" }]);
    for (const typed of ["sales 华东", " SALES　", "ｓａｌｅｓ", "sales华dong", "华\u200B东", "hua'dong"])
      expect(await departmentIds(directory, typed), typed).toEqual(["1"]);
    expect(await departmentIds(directory, "\u200B")).toEqual([]);
  });

  test("finds a name longer than a term by any part, but not by a longer text", async () => {
    const name = `${"长".repeat(40)}尾`;
    const directory = await makeCompany([
      { id: 1, name },
      { id: 2, name: "长".repeat(39) },
    ]);
    expect(await departmentIds(directory, name)).toEqual(["1"]);
    expect(await departmentIds(directory, `${"长".repeat(35)}尾`)).toEqual(["1"]);
    expect(await departmentIds(directory, `${"长".repeat(36)}头`)).toEqual([]);
  });

  test("finds the last part of a path below departments that match the first parts in order", async () => {
    const directory = await makeCompany(
      [
        { id: 1, name: "集团" },
        { id: 2, parent: 1, name: "销售中心" },
        { id: 3, parent: 2, name: "华东大区" },
        { id: 4, parent: 3, name: "销售一部" },
        { id: 5, parent: 1, name: "研发中心" },
        { id: 6, parent: 5, name: "华东研发" },
        { id: 7, parent: 6, name: "销售工具/华东" },
      ],
      [
        { id: "a", name: "张三", departments: [4, 5] },
        { id: "b", name: "张三", departments: [6] },
      ],
    );
    for (const [typed, ids] of [
      ["销售中心 华东", ["3"]],
      ["华东/销售一", ["4"]],
      ["jituan › 华东 › xs", ["4", "7"]],
      ["销售 / 华东大", ["3"]],
      ["华东>销售中心", []],
      ["华东/", ["3", "6", "7"]],
      ["工具/华东", ["7"]],
    ] as const)
      expect([...(await departmentIds(directory, typed))].sort(), typed).toEqual(ids);
    expect(await memberIds(directory, "华东/张三")).toEqual(["a", "b"]);
    expect(await memberIds(directory, "销售中心/张三")).toEqual(["a"]);
    expect(await memberIds(directory, "华北/张三")).toEqual([]);
  });

  test("returns and counts at most 200 hits, best first", async () => {
    const many = Array.from({ length: 900 }, (_, index) => ({
      id: 10 + index,
      parent: 1,
      name: index < 300 ? `销售 ${index}` : `大销售 ${index}`,
    }));
    const directory = await makeCompany([
      { id: 1, name: "集团" },
      ...many,
      { id: 9_999, parent: 1, name: "销售" },
    ]);
    const { hitIds, total, isMore, nodes } = await search(directory, "销售");
    expect([hitIds.length, total, isMore, hitIds[0], nodes.length]).toEqual([200, 200, true, "9999", 201]);
    expect(await search(directory, "销售 29", { limitEach: 8 })).toMatchObject({ total: 11, isMore: false });
    expect(await departmentIds(directory, "销售 29", { limitEach: 8 })).toHaveLength(8);
  });

  test("finds removed objects only on request, and never instead of current ones", async () => {
    const gone = Array.from({ length: 5_200 }, (_, index) => ({
      id: 100 + index,
      name: index < 2_200 ? `部${index}` : `部组${index}`,
      isRemoved: true,
    }));
    const directory = await makeCompany(
      [
        { id: 3, name: "top" },
        { id: 1, parent: 3, name: "gone", isRemoved: true },
        { id: 2, parent: 1, name: "gone too" },
        ...gone,
        { id: 9_999, parent: 2, name: "部组门" },
      ],
      [
        { id: "a", name: "张三", isRemoved: true, departments: [2] },
        { id: "b", name: "张三丰", departments: [2] },
      ],
    );
    const { hitIds, nodes } = await search(directory, "gone");
    expect([hitIds, nodes.length]).toEqual([["2"], 1]);
    expect(await departmentIds(directory, "部"), "behind more than are looked at").toEqual(["9999"]);
    const below = await departmentIds(directory, "too/部组", { includeRemoved: true });
    expect(below, "behind more than are looked at first").toEqual(["9999"]);
    expect(await memberIds(directory, "张三")).toEqual(["b"]);
    expect(await search(directory, "gone", { includeRemoved: true })).toMatchObject({
      hitIds: ["1", "2"],
      nodes: [
        { id: "1", isRemoved: true },
        { id: "2", isRemoved: false },
        { id: "3", isRemoved: false },
      ],
    });
    expect((await search(directory, "张三", { includeRemoved: true })).members.hits).toMatchObject([
      { id: "a", isRemoved: true },
      { id: "b", isRemoved: false },
    ]);
  });

  test("a search terminates for a cycle of parents", async () => {
    const directory = await makeCompany([
      { id: 1, parent: 2, name: "circle a" },
      { id: 2, parent: 1, name: "circle b" },
    ]);
    expect((await search(directory, "circle")).nodes).toHaveLength(2);
    expect(await departmentIds(directory, "circle/circle")).toEqual(["1", "2"]);
  });

  test("never finds objects of another app or organization", async () => {
    const people = [{ id: "u1", name: "same", departments: [7] }];
    const mine = await makeCompany([{ id: 1, parent: 7, name: "same" }]);
    const second = await addApp(mine.organizationId, [{ id: 7, name: "same" }]);
    await asAdmin((client) => plantMembers(client, { ...mine, appId: second }, people));
    const theirs = await makeCompany([{ id: 7, name: "same" }], people);
    expect(await search(mine, "same")).toMatchObject({
      hitIds: ["1"],
      total: 1,
      nodes: [{ id: "1" }],
      members: { total: 0 },
    });
    expect(await search(theirs, "same"), "the control").toMatchObject({
      hitIds: ["7"],
      members: { total: 1 },
    });
    await expect(searchDirectory(mine.actor, theirs.appId, "same", { locale: "en" })).rejects.toMatchObject({
      code: "not_found",
    });
  });

  test("S26 returns too_slow at the time limit, and keeps the connection usable", async () => {
    const directory = await makeCompany([{ id: 1, name: "销售" }]);
    await asAdmin(async (client) => {
      await client.query("BEGIN; LOCK TABLE search_term");
      const slow = await searchDirectory(directory.actor, directory.appId, "销", {
        locale: "en",
        timeoutMs: 50,
      });
      expect(slow).toEqual({ ok: false, error: "too_slow" });
      await client.query("ROLLBACK");
    });
    expect(await departmentIds(directory, "销")).toEqual(["1"]);
  });

  test("S26 shares the time limit among all statements of a search", async () => {
    const directory = await makeCompany([{ id: 1, name: "销售" }]);
    const sent = vi.spyOn(pg.Client.prototype, "query");
    onTestFinished(() => sent.mockRestore());
    await search(directory, "销");
    const limits = sent.mock.calls.flatMap(
      ([text]) => /^SET LOCAL statement_timeout = (\d+)$/.exec(text)?.[1] ?? [],
    );
    expect(limits.length).toBeGreaterThan(1);
    expect(limits.map(Number)).toEqual(limits.map(Number).toSorted((a, b) => b - a));
    expect(Number(limits.at(-1))).toBeLessThan(2_000);
  });
});
