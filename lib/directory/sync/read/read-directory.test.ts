import { describe, expect, test } from "vitest";
import { department, type FakeDirectory, fakeDirectory, refusal } from "./test-support/fake-directory";
import { type Held, readFake as read } from "./test-support/read-fake";

/** Parents by id, as they were read. */
async function parentsRead(fake: FakeDirectory, held: Held = {}) {
  const { departments } = await read(fake, held);
  return Object.fromEntries([...departments].map(([id, { parentId }]) => [id, parentId]));
}

const TREE = { 1: null, 2: "1", 3: "1", 4: "2", 5: "2", 6: "4" };

describe("a reading", () => {
  test("sees every level below the root, and the root itself, which no list has", async () => {
    const fake = fakeDirectory(TREE);

    expect(await parentsRead(fake)).toEqual(TREE);
    expect(fake.asked.filter((what) => what === "get 1")).toHaveLength(1);
    expect(fake.asked).toHaveLength(2 + Object.keys(TREE).length);
  });

  test("begins at each root of the scope, and reads one that is below another only once", async () => {
    const fake = fakeDirectory(TREE, ["2", "3", "6"]);

    expect(await parentsRead(fake)).toEqual({ 2: "1", 3: "1", 4: "2", 5: "2", 6: "4" });
    expect(fake.asked.filter((what) => what.startsWith("list"))).toHaveLength(5);
  });

  test("reads a root once that the scope names twice", async () => {
    const fake = fakeDirectory(TREE, ["2", "2"]);
    await read(fake);
    expect(fake.asked.filter((what) => what === "list 2")).toHaveLength(1);
  });

  test("of an empty scope fails, for it would look like an empty directory", async () => {
    await expect(read(fakeDirectory(TREE, []))).rejects.toMatchObject({ reason: { kind: "scope_empty" } });
  });

  test("never has more than five calls under way", async () => {
    const fake = fakeDirectory(
      Object.fromEntries(Array.from({ length: 60 }, (_, n) => [n + 1, n ? "1" : null])),
    );
    let underWay = 0;
    let most = 0;
    fake.before = async () => {
      most = Math.max(most, (underWay += 1));
      await new Promise((resolve) => setImmediate(resolve));
      underWay -= 1;
    };
    await read(fake);
    expect(most).toBe(5);
  });

  test("tells how many departments were seen, as it goes on", async () => {
    const counts: number[] = [];
    await read(fakeDirectory(TREE), {}, { onProgress: ({ departments }) => counts.push(departments) });
    expect(counts).toEqual([1, 2, 3, 4, 5, 6]);
  });

  test("ends with the first call that fails for good, and makes no further one", async () => {
    const fake = fakeDirectory(TREE);
    fake.lists.set("2", refusal("timeout"));

    await expect(read(fake)).rejects.toMatchObject({ kind: "timeout" });
    expect(fake.asked).not.toContain("list 4");
  });

  test("ends when it is told to, with the reason, and makes no further call", async () => {
    const fake = fakeDirectory(TREE);
    const controller = new AbortController();
    fake.before = (asked) => asked === "list 2" && controller.abort(new Error("stop"));

    await expect(read(fake, {}, { signal: controller.signal })).rejects.toThrow("stop");
    expect(fake.asked).not.toContain("list 4");
  });

  test("fails beyond the limit, and takes exactly as many", async () => {
    const limit = (departmentsMax: number) => read(fakeDirectory(TREE), {}, { departmentsMax });

    await expect(limit(5)).rejects.toMatchObject({
      reason: { kind: "too_many_departments", departmentsMax: 5 },
    });
    expect((await limit(6)).departments.size).toBe(6);
  });

  test("fails for an id that no row can have", async () => {
    const fake = fakeDirectory(TREE);
    fake.lists.set("3", [department("9223372036854775808", "3")]);
    await expect(read(fake)).rejects.toMatchObject({ reason: { kind: "department_id_unusable" } });
  });
});

describe("a directory that changes while it is read", () => {
  test("has a department once that moved into a part still to be read, where it is now", async () => {
    const fake = fakeDirectory({ ...TREE, 7: "2" });
    fake.before = (asked) => asked === "list 4" && fake.parents.set("7", "4");

    expect(await parentsRead(fake)).toEqual({ ...TREE, 7: "4" });
    expect((await read(fake)).incompleteFor).toBeNull();
  });

  test("finds a held department that moved into a part already read, with all that is below it", async () => {
    const fake = fakeDirectory({ ...TREE, 7: "6", 8: "7", 9: "8" });
    const held = { ...TREE, 7: "6", 8: "7", 9: "8" };
    fake.before = (asked) => asked === "list 6" && fake.parents.set("7", "3");

    const { departments, gone, incompleteFor } = await read(fake, held);
    expect(departments.get("7")?.parentId).toBe("3");
    expect([departments.has("8"), departments.has("9")]).toEqual([true, true]);
    expect({ gone: [...gone], incompleteFor }).toEqual({ gone: [], incompleteFor: null });
    // What is below it came by its list, not one by one
    expect(fake.asked.filter((what) => what.startsWith("get"))).toEqual(["get 1", "get 7"]);
  });

  test("sees a department that moved into one that is new itself, and the new one", async () => {
    const fake = fakeDirectory({ ...TREE, 7: "6" });
    fake.before = (asked) => {
      if (asked === "list 6") fake.parents.set("20", "3").set("21", "20").set("7", "21");
    };

    const { departments } = await read(fake, { ...TREE, 7: "6" });
    expect(departments.get("7")?.parentId).toBe("21");
    expect(departments.get("21")?.parentId).toBe("20");
    expect(departments.get("20")?.parentId).toBe("3");
  });

  test("takes a department for gone that vanished between its parent's list and its own", async () => {
    const fake = fakeDirectory(TREE);
    fake.before = (asked) => asked === "list 3" && fake.parents.delete("3");

    const { departments, gone, incompleteFor } = await read(fake, TREE);
    expect(departments.has("3")).toBe(false);
    expect({ gone: [...gone], incompleteFor }).toEqual({ gone: ["3"], incompleteFor: null });
    expect(fake.asked.filter((what) => what === "list 1")).toHaveLength(2);
  });

  test("takes a whole branch for gone that vanished while it was read", async () => {
    const fake = fakeDirectory(TREE);
    fake.before = (asked) => asked === "list 6" && ["2", "4", "5", "6"].map((id) => fake.parents.delete(id));

    const { departments, gone } = await read(fake, TREE);
    expect([...departments.keys()].sort()).toEqual(["1", "3"]);
    expect([...gone].sort()).toEqual(["2", "4", "5", "6"]);
  });

  test("keeps a department that is refused as gone while its parent lists it still, and is not complete", async () => {
    const fake = fakeDirectory(TREE);
    fake.lists.set("4", refusal("department_gone"));

    const { departments, gone, incompleteFor } = await read(fake, TREE);
    expect(departments.has("4")).toBe(true);
    expect(gone.size).toBe(0);
    expect(incompleteFor).toEqual({ kind: "departments_unreadable", count: 1 });
    expect(fake.asked.filter((what) => what === "list 4")).toHaveLength(2);
  });

  test("begins again from the new roots, once, when a refusal shows that the scope changed", async () => {
    const fake = fakeDirectory(TREE);
    fake.before = (asked) => asked === "list 3" && (fake.roots = ["2"]);

    expect(await parentsRead(fake)).toEqual({ 2: "1", 4: "2", 5: "2", 6: "4" });
    expect(fake.asked.filter((what) => what === "scopes")).toHaveLength(2);
  });

  test("fails when the scope changes again", async () => {
    const fake = fakeDirectory(TREE);
    const scopes = [["2"], ["3"], ["4"], ["5"]];
    fake.before = (asked) => asked.startsWith("list") && (fake.roots = scopes.shift() ?? []);

    await expect(read(fake)).rejects.toMatchObject({ reason: { kind: "scope_unsteady" } });
  });

  test("asks for the scope once, however many departments are refused", async () => {
    const fake = fakeDirectory(TREE);
    for (const id of ["2", "3"]) fake.lists.set(id, refusal("department_out_of_scope"));

    const { incompleteFor } = await read(fake);
    expect(incompleteFor).toEqual({ kind: "departments_unreadable", count: 2 });
    expect(fake.asked.filter((what) => what === "scopes")).toHaveLength(2);
  });

  test("keeps a department whose own list and whose parent's are refused, and is not complete", async () => {
    const fake = fakeDirectory(TREE);
    fake.lists.set("4", refusal("department_gone"));
    fake.before = (asked) => asked === "list 4" && fake.lists.set("2", refusal("department_gone"));

    const { departments, incompleteFor } = await read(fake, TREE);
    expect([departments.has("2"), departments.has("4")]).toEqual([true, true]);
    expect(incompleteFor).toEqual({ kind: "departments_unreadable", count: 2 });
  });

  test("has nothing in it of the list of a department that was found gone meanwhile", async () => {
    const fake = fakeDirectory(TREE);
    const isForgotten = Promise.withResolvers<void>();
    let lists = 0;
    fake.before = (asked) => {
      if (asked === "get 4") fake.parents.delete("4");
      if (asked === "list 2" && (lists += 1) === 2) setImmediate(isForgotten.resolve);
      return asked === "list 4" ? isForgotten.promise : undefined;
    };
    fake.lists.set("4", [department("6", "4")]);

    const { departments } = await read(fake, {}, { wantsDetails: () => true });
    expect([...departments.keys()].sort()).toEqual(["1", "2", "3", "5"]);
    expect(fake.asked).not.toContain("list 6");
  });

  test("keeps what moved out of a department before that one vanished", async () => {
    const fake = fakeDirectory(TREE);
    const [moved, doubted] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    fake.before = (asked) => {
      if (asked === "list 3") return moved.promise;
      if (asked === "list 6") {
        fake.parents.set("6", "3");
        moved.resolve();
        setImmediate(doubted.resolve);
      }
      if (asked !== "get 4") return;
      return doubted.promise.then(() => fake.parents.delete("4"));
    };

    const { departments } = await read(fake, {}, { wantsDetails: () => true });
    expect(departments.has("4")).toBe(false);
    expect(departments.get("6")?.parentId).toBe("3");
  });

  test("is not complete when one is listed twice and then not given out, but is when it was gone before", async () => {
    const twice = () => {
      const fake = fakeDirectory({ ...TREE, 7: "3" });
      fake.lists.set("2", [department("4", "2"), department("7", "2")]);
      return fake;
    };
    const refused = twice();
    refused.before = (asked) => {
      if (asked === "get 7") throw refusal("department_gone");
    };
    expect((await read(refused)).incompleteFor).toEqual({ kind: "departments_unreadable", count: 1 });

    const gone = twice();
    gone.before = (asked) => {
      if (asked !== "list 7") return;
      gone.lists.delete("2");
      gone.parents.delete("7");
    };
    const { departments, incompleteFor } = await read(gone);
    expect({ has: departments.has("7"), incompleteFor }).toEqual({ has: false, incompleteFor: null });
  });

  test("reads the other roots when one that is granted is not there", async () => {
    const fake = fakeDirectory(TREE, ["2", "99"]);

    const { departments, incompleteFor } = await read(fake);
    expect(departments.size).toBe(4);
    expect(incompleteFor).toEqual({ kind: "departments_unreadable", count: 1 });
    await expect(read(fakeDirectory(TREE, ["98", "99"]))).rejects.toMatchObject({ kind: "department_gone" });
  });
});

describe("what is held and was not seen", () => {
  test("is gone only by DingTalk's own word", async () => {
    const fake = fakeDirectory(TREE);
    const { gone, incompleteFor } = await read(fake, { ...TREE, 50: "2", 51: "50" });

    expect({ gone: [...gone], incompleteFor }).toEqual({ gone: ["50", "51"], incompleteFor: null });
  });

  test("is not gone where something found while it was looked for could not be read", async () => {
    const fake = fakeDirectory({ ...TREE, 7: "6" });
    fake.before = (asked) => asked === "list 6" && fake.parents.set("7", "3");
    fake.lists.set("7", refusal("department_gone"));
    const { gone, incompleteFor } = await read(fake, { ...TREE, 7: "6", 50: "2" });

    expect(fake.asked).toContain("get 50");
    expect({ gone: gone.size, incompleteFor }).toEqual({
      gone: 0,
      incompleteFor: { kind: "departments_unreadable", count: 1 },
    });
  });

  test("is not gone when it came back below another one that was found later", async () => {
    const fake = fakeDirectory(TREE);
    fake.before = (asked) => asked === "get 51" && fake.parents.set("51", "2").set("50", "51");
    const { gone, departments } = await read(fake, { ...TREE, 50: "1", 51: "50" });

    expect({ gone: gone.size, parentId: departments.get("50")?.parentId }).toEqual({
      gone: 0,
      parentId: "51",
    });
  });

  test("is there where it is found, though what is above it is not given out", async () => {
    const fake = fakeDirectory({ ...TREE, 50: "60", 60: "1" });
    fake.lists.set("1", [department("2", "1"), department("3", "1")]);
    fake.before = (asked) => {
      if (asked === "get 60") throw refusal("department_gone");
    };
    expect((await read(fake, { ...TREE, 50: "1" })).departments.get("50")?.parentId).toBe("60");
  });

  test("has its place among its siblings only where all of them tell theirs", async () => {
    const orderOf = async (wantsDetails: (() => boolean) | null) => {
      const fake = fakeDirectory(TREE);
      fake.lists.set("2", [department("4", "2")]);
      return (await read(fake, TREE, { wantsDetails })).departments.get("5")?.department.order;
    };
    expect([await orderOf(null), await orderOf(() => true)]).toEqual([null, "95"]);
  });

  test("is not looked for when something could not be read, since it may be in there", async () => {
    const fake = fakeDirectory(TREE);
    fake.lists.set("4", refusal("department_gone"));
    const { gone } = await read(fake, { ...TREE, 50: "4" });

    expect(gone.size).toBe(0);
    expect(fake.asked).not.toContain("get 50");
  });

  test("is out of scope where the app may not look, with all below it, which is not asked for", async () => {
    const fake = fakeDirectory(TREE, ["2"]);
    const { gone, outOfScope, departments, ...read1 } = await read(fake, { ...TREE, 50: "3", 51: "50" });

    expect(read1).toMatchObject({ incompleteFor: null, suspicion: { kind: "scope_shrank", departments: 4 } });
    expect([...outOfScope].sort()).toEqual(["1", "3", "50", "51"]);
    expect(departments.size).toBe(4);
    expect(gone.size).toBe(0);
    expect(fake.asked.filter((what) => what.startsWith("get"))).toEqual(["get 2", "get 1"]);
  });

  test("is gone by DingTalk's word also where something else is out of scope", async () => {
    const fake = fakeDirectory(TREE, ["2"]);
    const { gone, outOfScope } = await read(fake, { ...TREE, 60: null });

    expect({ gone: [...gone], outOfScope: [...outOfScope] }).toEqual({
      gone: ["60"],
      outOfScope: ["1", "3"],
    });
  });

  test("is not taken for gone when lists come back empty", async () => {
    const fake = fakeDirectory(TREE);
    fake.lists.set("2", []).set("4", []);
    const { departments, gone } = await read(fake, TREE);

    expect([...departments.keys()].sort()).toEqual(Object.keys(TREE));
    expect(gone.size).toBe(0);
  });

  test("all of it at once is a fault, not a change of the directory: nothing is asked for, nothing gone", async () => {
    const strange = async (fake: FakeDirectory, held: Held) => {
      const { suspicion, gone, unproven } = await read(fake, held);
      return { suspicion, gone: gone.size, unproven: [...unproven].sort() };
    };
    const answerEmpty = (ids: string, count: number) => ({
      suspicion: { kind: "answer_empty", held: ids.length + count, seen: 1 + count },
      gone: 0,
      unproven: ids.split(""),
    });
    expect(await strange(fakeDirectory({ 1: null }), { 1: null, 2: "1" })).toEqual({
      suspicion: { kind: "answer_empty", held: 2, seen: 1 },
      gone: 0,
      unproven: ["2"],
    });
    // Another organization has the same root and nothing else
    expect(await strange(fakeDirectory({ 1: null, 70: "1" }), TREE)).toEqual(answerEmpty("23456", 1));
    expect(await strange(fakeDirectory({ 7: null }, ["7"]), { 5: null })).toEqual(answerEmpty("5", 0));
    expect((await read(fakeDirectory({ 1: null }), { 1: null })).suspicion).toBeNull();
  });

  test("is out of scope altogether when the app may read nothing any more", async () => {
    const { departments, outOfScope, gone, suspicion } = await read(fakeDirectory(TREE, []), TREE);

    expect(suspicion).toEqual({ kind: "scope_empty" });
    expect({ seen: departments.size, gone: gone.size, outOfScope: outOfScope.size }).toEqual({
      seen: 0,
      gone: 0,
      outOfScope: 6,
    });
  });

  test("is asked for up to a limit, the highest first, and what is beyond it is no more than missing", async () => {
    const held = { ...TREE, 50: "2", 51: "2", 52: "50", 7: "3", 8: "7" };
    const { gone, unproven, suspicion } = await read(fakeDirectory(TREE), held, { lookUpsMax: 3 });

    expect([...gone].sort()).toEqual(["50", "51", "7"]);
    expect([...unproven].sort()).toEqual(["52", "8"]);
    expect(suspicion).toEqual({ kind: "too_many_missing", departments: 2, members: 0 });
  });
});

describe("lists that make no tree", () => {
  test("end, and what is below itself is put below nothing and marked", async () => {
    const fake = fakeDirectory(TREE);
    fake.lists.set("2", [department("4", "2")]);
    fake.before = (asked) => asked === "list 6" && fake.parents.set("4", "6").set("6", "4");
    fake.roots = ["1", "6"];

    const { departments, incompleteFor } = await read(fake);
    expect(incompleteFor).toEqual({ kind: "tree_contradictory", count: 1 });
    expect(departments.get("6")?.parentId).toBeNull();
    expect(departments.get("4")?.parentId).toBe("6");
  });

  test("a root that is listed below its own child stays the root", async () => {
    const fake = fakeDirectory(TREE);
    fake.lists.set("3", [department("1", "3")]);

    const { departments, incompleteFor } = await read(fake);
    expect(departments.get("1")?.parentId).toBeNull();
    expect(incompleteFor).toBeNull();
  });

  test("a department listed below itself is not below itself", async () => {
    const fake = fakeDirectory(TREE);
    fake.lists.set("3", [department("3", "3")]);

    expect((await parentsRead(fake))["3"]).toBe("1");
  });
});
