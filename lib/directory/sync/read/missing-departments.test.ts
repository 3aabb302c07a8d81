import { describe, expect, test } from "vitest";
import { department, type FakeDirectory, fakeDirectory, refusal } from "./test-support/fake-directory";
import { readFake as read, type Stored } from "./test-support/read-fake";

const TREE = { 1: null, 2: "1", 3: "1", 4: "2", 5: "2", 6: "4" };

describe("stored departments that were not read", () => {
  test("a stored department is gone only when DingTalk says so", async () => {
    const fake = fakeDirectory(TREE);
    const { gone, incompleteFor } = await read(fake, { ...TREE, 50: "2", 51: "50" });

    expect({ gone: [...gone], incompleteFor }).toEqual({ gone: ["50", "51"], incompleteFor: null });
  });

  test("a stored department is not gone when a department found by its lookup is unreadable", async () => {
    const fake = fakeDirectory({ ...TREE, 7: "6" });
    fake.before = (request) => request === "list 6" && fake.parents.set("7", "3");
    fake.lists.set("7", refusal("department_gone"));
    const { gone, incompleteFor } = await read(fake, { ...TREE, 7: "6", 50: "2" });

    expect(fake.requests).toContain("get 50");
    expect({ gone: gone.size, incompleteFor }).toEqual({
      gone: 0,
      incompleteFor: { kind: "departments_unreadable", count: 1 },
    });
  });

  test("a stored department is not gone when it was found later below another one", async () => {
    const fake = fakeDirectory(TREE);
    fake.before = (request) => request === "get 51" && fake.parents.set("51", "2").set("50", "51");
    const { gone, departments } = await read(fake, { ...TREE, 50: "1", 51: "50" });

    expect({ gone: gone.size, parentId: departments.get("50")?.parentId }).toEqual({
      gone: 0,
      parentId: "51",
    });
  });

  test("a stored department is read when found, even if its ancestors are refused", async () => {
    const fake = fakeDirectory({ ...TREE, 50: "60", 60: "1" });
    fake.lists.set("1", [department("2", "1"), department("3", "1")]);
    fake.before = (request) => {
      if (request === "get 60") throw refusal("department_gone");
    };
    expect((await read(fake, { ...TREE, 50: "1" })).departments.get("50")?.parentId).toBe("60");
  });

  test("a department that was looked up has an order only if details are read for all siblings", async () => {
    const orderOf = async (wantsDetails: (() => boolean) | null) => {
      const fake = fakeDirectory(TREE);
      fake.lists.set("2", [department("4", "2")]);
      return (await read(fake, TREE, { wantsDetails })).departments.get("5")?.department.order;
    };
    expect([await orderOf(null), await orderOf(() => true)]).toEqual([null, "95"]);
  });

  test("does not look up a department when another is unreadable, because it may be below that one", async () => {
    const fake = fakeDirectory(TREE);
    fake.lists.set("4", refusal("department_gone"));
    const { gone } = await read(fake, { ...TREE, 50: "4" });

    expect(gone.size).toBe(0);
    expect(fake.requests).not.toContain("get 50");
  });

  test("a refused department is out of scope with its subtree, without lookups below", async () => {
    const fake = fakeDirectory(TREE, ["2"]);
    const { gone, outOfScope, departments, ...read1 } = await read(fake, { ...TREE, 50: "3", 51: "50" });

    expect(read1).toMatchObject({ incompleteFor: null, suspicion: { kind: "scope_shrank", departments: 4 } });
    expect([...outOfScope].sort()).toEqual(["1", "3", "50", "51"]);
    expect(departments.size).toBe(4);
    expect(gone.size).toBe(0);
    expect(fake.requests.filter((what) => what.startsWith("get"))).toEqual(["get 2", "get 1"]);
  });

  test("a stored department is gone when DingTalk says so, even if another one is out of scope", async () => {
    const fake = fakeDirectory(TREE, ["2"]);
    const { gone, outOfScope } = await read(fake, { ...TREE, 60: null });

    expect({ gone: [...gone], outOfScope: [...outOfScope] }).toEqual({
      gone: ["60"],
      outOfScope: ["1", "3"],
    });
  });

  test("a stored department is not gone when lists come back empty", async () => {
    const fake = fakeDirectory(TREE);
    fake.lists.set("2", []).set("4", []);
    const { departments, gone } = await read(fake, TREE);

    expect([...departments.keys()].sort()).toEqual(Object.keys(TREE));
    expect(gone.size).toBe(0);
  });

  test("raises a suspicion instead of lookups and removals when nothing stored was read", async () => {
    const suspect = async (fake: FakeDirectory, stored: Stored) => {
      const { suspicion, gone, unproven } = await read(fake, stored);
      return { suspicion, gone: gone.size, unproven: [...unproven].sort() };
    };
    const answerEmpty = (ids: string, count: number) => ({
      suspicion: { kind: "answer_empty", held: ids.length + count, seen: 1 + count },
      gone: 0,
      unproven: ids.split(""),
    });
    expect(await suspect(fakeDirectory({ 1: null }), { 1: null, 2: "1" })).toEqual({
      suspicion: { kind: "answer_empty", held: 2, seen: 1 },
      gone: 0,
      unproven: ["2"],
    });
    // Another organization has only the root in common
    expect(await suspect(fakeDirectory({ 1: null, 70: "1" }), TREE)).toEqual(answerEmpty("23456", 1));
    expect(await suspect(fakeDirectory({ 7: null }, ["7"]), { 5: null })).toEqual(answerEmpty("5", 0));
    expect((await read(fakeDirectory({ 1: null }), { 1: null })).suspicion).toBeNull();
  });

  test("a stored department is out of scope when the app may no longer read anything", async () => {
    const { departments, outOfScope, gone, suspicion } = await read(fakeDirectory(TREE, []), TREE);

    expect(suspicion).toEqual({ kind: "scope_empty" });
    expect({ seen: departments.size, gone: gone.size, outOfScope: outOfScope.size }).toEqual({
      seen: 0,
      gone: 0,
      outOfScope: 6,
    });
  });

  test("looks up missing departments to a limit, top down, and leaves others unproven", async () => {
    const stored = { ...TREE, 50: "2", 51: "2", 52: "50", 7: "3", 8: "7" };
    const { gone, unproven, suspicion } = await read(fakeDirectory(TREE), stored, { lookUpsMax: 3 });

    expect([...gone].sort()).toEqual(["50", "51", "7"]);
    expect([...unproven].sort()).toEqual(["52", "8"]);
    expect(suspicion).toEqual({ kind: "too_many_missing", departments: 2, members: 0 });
  });
});
