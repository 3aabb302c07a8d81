import { describe, expect, test } from "vitest";
import { toLists } from "./list-whole-tree";
import type { WholeRefusal } from "./read-state";
import { department, fakeDirectory, refusal } from "./test-support/fake-directory";
import { memoryCheckpoint } from "./test-support/memory-checkpoint";
import { readFake, withMembers } from "./test-support/read-fake";

const TREE = { 1: null, 2: "1", 3: "1", 4: "2", 5: "4" };
const rows = (tree: Record<string, string | null>) =>
  Object.entries(tree).map(([id, parentId]) => department(id, parentId));

async function readAs(says?: Parameters<ReturnType<typeof fakeDirectory>["allowWhole"]>[0], roots = ["1"]) {
  const fake = fakeDirectory(TREE, roots);
  fake.allowWhole(says);
  const refusals: WholeRefusal[] = [];
  const read = await readFake(fake, TREE, { onWholeRefused: (reason) => refusals.push(reason) });
  const parents = Object.fromEntries([...read.departments].map(([id, { parentId }]) => [id, parentId]));
  return { fake, refusals, parents, ...read };
}

describe("whole tree in one answer", () => {
  test.each([
    ["without its root", undefined],
    ["with it", rows(TREE)],
  ])("reads the whole tree %s in one call, and lists no department", async (_, says) => {
    const { fake, parents, strategy, leastCalls, refusals } = await readAs(says);

    expect(parents).toEqual(TREE);
    expect([fake.count("all"), fake.count("list"), strategy, refusals]).toEqual([1, 0, "whole", []]);
    expect(leastCalls).toEqual({ "auth/scopes": 1, "topapi/v2/department/get": 1, "department/list": 1 });
  });

  test("requests the whole tree for each root", async () => {
    const { fake, parents } = await readAs(undefined, ["2", "3"]);

    expect(parents).toEqual({ 2: "1", 3: "1", 4: "2", 5: "4" });
    expect([fake.count("all"), fake.count("list")]).toEqual([2, 0]);
  });

  test.each(["too_large", "missing_permission", "timeout"] as const)(
    "falls back to levels after %s, and reports that",
    async (kind) => {
      const { fake, parents, strategy, refusals, incompleteFor } = await readAs(refusal(kind));

      expect(parents).toEqual(TREE);
      expect([fake.count("all"), fake.count("list"), strategy]).toEqual([1, 5, "levels"]);
      expect({ refusals, incompleteFor }).toEqual({ refusals: [kind], incompleteFor: null });
    },
  );

  test.each([
    ["names a parent that is not in it", { ...TREE, 7: "6" }],
    ["has a circle", { ...TREE, 7: "8", 8: "7" }],
    ["has a department below nothing", { ...TREE, 7: null }],
  ])("reads level by level if the answer %s", async (_, tree) => {
    const { parents, strategy, refusals } = await readAs(rows(tree));

    expect(parents).toEqual(TREE);
    expect({ strategy, refusals }).toEqual({ strategy: "levels", refusals: ["contradictory"] });
  });

  test("rejects a whole tree in which a department has two parents", () => {
    expect(toLists("1", [...rows(TREE), department("5", "3")])).toBeNull();
    expect([...(toLists("1", [...rows(TREE), department("5", "4")])?.keys() ?? [])]).toHaveLength(5);
  });

  test("a request for the whole tree fails like any call for another error", async () => {
    await expect(readAs(refusal("credentials_refused"))).rejects.toMatchObject({
      kind: "credentials_refused",
    });
  });

  test("a resumed read does not request the whole tree again, and looks up omitted departments", async () => {
    const fake = fakeDirectory(TREE);
    fake.allowWhole(rows({ 2: "1", 3: "1" }));
    const memory = memoryCheckpoint();
    await readFake(fake, {}, withMembers(memory));
    fake.requests = [];
    const { departments } = await readFake(fake, TREE, withMembers(memory));

    expect([...departments.keys()].sort()).toEqual(Object.keys(TREE));
    expect(fake.requests).toEqual(["scopes", "get 4", "list 4", "members 4", "list 5", "members 5"]);
  });

  test("does not request the whole tree again when DingTalk refuses the app", async () => {
    const fake = fakeDirectory(TREE);
    expect((await readFake(fake, TREE)).strategy).toBe("levels");
    expect(fake.count("list")).toBe(5);
  });
});
