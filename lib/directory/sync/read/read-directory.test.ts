import { describe, expect, test } from "vitest";
import { department, type FakeDirectory, fakeDirectory, refusal } from "./test-support/fake-directory";
import { readFake as read, type Stored } from "./test-support/read-fake";

/** Returns the parents that were read, by id. */
async function parentsRead(fake: FakeDirectory, stored: Stored = {}) {
  const { departments } = await read(fake, stored);
  return Object.fromEntries([...departments].map(([id, { parentId }]) => [id, parentId]));
}

const TREE = { 1: null, 2: "1", 3: "1", 4: "2", 5: "2", 6: "4" };

describe("readDirectory", () => {
  test("reads every level and the root itself, which no list contains", async () => {
    const fake = fakeDirectory(TREE);

    expect(await parentsRead(fake)).toEqual(TREE);
    expect(fake.requests.filter((what) => what === "get 1")).toHaveLength(1);
    expect(fake.requests).toHaveLength(2 + Object.keys(TREE).length);
  });

  test("starts at each root of the scope, and reads a root below another one once", async () => {
    const fake = fakeDirectory(TREE, ["2", "3", "6"]);

    expect(await parentsRead(fake)).toEqual({ 2: "1", 3: "1", 4: "2", 5: "2", 6: "4" });
    expect(fake.requests.filter((what) => what.startsWith("list"))).toHaveLength(5);
  });

  test("reads a root once that is twice in the scope", async () => {
    const fake = fakeDirectory(TREE, ["2", "2"]);
    await read(fake);
    expect(fake.requests.filter((what) => what === "list 2")).toHaveLength(1);
  });

  test("fails for an empty scope, which would look like an empty directory", async () => {
    await expect(read(fakeDirectory(TREE, []))).rejects.toMatchObject({ reason: { kind: "scope_empty" } });
  });

  test("reads with at most five concurrent calls", async () => {
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

  test("reports the number of departments read so far", async () => {
    const counts: number[] = [];
    await read(fakeDirectory(TREE), {}, { onProgress: ({ departments }) => counts.push(departments) });
    expect(counts).toEqual([1, 2, 3, 4, 5, 6]);
  });

  test("stops the read at the first call that fails for good", async () => {
    const fake = fakeDirectory(TREE);
    fake.lists.set("2", refusal("timeout"));

    await expect(read(fake)).rejects.toMatchObject({ kind: "timeout" });
    expect(fake.requests).not.toContain("list 4");
  });

  test("stops with the signal's reason and makes no further call", async () => {
    const fake = fakeDirectory(TREE);
    const controller = new AbortController();
    fake.before = (request) => request === "list 2" && controller.abort(new Error("stop"));

    await expect(read(fake, {}, { signal: controller.signal })).rejects.toThrow("stop");
    expect(fake.requests).not.toContain("list 4");
  });

  test("accepts exactly the limit of departments, and fails above it", async () => {
    const limit = (departmentsMax: number) => read(fakeDirectory(TREE), {}, { departmentsMax });

    await expect(limit(5)).rejects.toMatchObject({
      reason: { kind: "too_many_departments", departmentsMax: 5 },
    });
    expect((await limit(6)).departments.size).toBe(6);
  });

  test("a department id larger than a bigint fails the read", async () => {
    const fake = fakeDirectory(TREE);
    fake.lists.set("3", [department("9223372036854775808", "3")]);
    await expect(read(fake)).rejects.toMatchObject({ reason: { kind: "department_id_unusable" } });
  });
});

describe("directories that change during the read", () => {
  test("contains a department that moved into an unread part once, at its new place", async () => {
    const fake = fakeDirectory({ ...TREE, 7: "2" });
    fake.before = (request) => request === "list 4" && fake.parents.set("7", "4");

    expect(await parentsRead(fake)).toEqual({ ...TREE, 7: "4" });
    expect((await read(fake)).incompleteFor).toBeNull();
  });

  test("finds a stored department with its subtree that moved into a part already read", async () => {
    const fake = fakeDirectory({ ...TREE, 7: "6", 8: "7", 9: "8" });
    const stored = { ...TREE, 7: "6", 8: "7", 9: "8" };
    fake.before = (request) => request === "list 6" && fake.parents.set("7", "3");

    const { departments, gone, incompleteFor } = await read(fake, stored);
    expect(departments.get("7")?.parentId).toBe("3");
    expect([departments.has("8"), departments.has("9")]).toEqual([true, true]);
    expect({ gone: [...gone], incompleteFor }).toEqual({ gone: [], incompleteFor: null });
    // The subtree is read by lists, not by lookups
    expect(fake.requests.filter((what) => what.startsWith("get"))).toEqual(["get 1", "get 7"]);
  });

  test("reads a department that moved into a new one, and the new one", async () => {
    const fake = fakeDirectory({ ...TREE, 7: "6" });
    fake.before = (request) => {
      if (request === "list 6") fake.parents.set("20", "3").set("21", "20").set("7", "21");
    };

    const { departments } = await read(fake, { ...TREE, 7: "6" });
    expect(departments.get("7")?.parentId).toBe("21");
    expect(departments.get("21")?.parentId).toBe("20");
    expect(departments.get("20")?.parentId).toBe("3");
  });

  test("reports a department as gone that was deleted between its parent's list and its own", async () => {
    const fake = fakeDirectory(TREE);
    fake.before = (request) => request === "list 3" && fake.parents.delete("3");

    const { departments, gone, incompleteFor } = await read(fake, TREE);
    expect(departments.has("3")).toBe(false);
    expect({ gone: [...gone], incompleteFor }).toEqual({ gone: ["3"], incompleteFor: null });
    expect(fake.requests.filter((what) => what === "list 1")).toHaveLength(2);
  });

  test("reports a subtree as gone that was deleted during the read", async () => {
    const fake = fakeDirectory(TREE);
    fake.before = (request) =>
      request === "list 6" && ["2", "4", "5", "6"].map((id) => fake.parents.delete(id));

    const { departments, gone } = await read(fake, TREE);
    expect([...departments.keys()].sort()).toEqual(["1", "3"]);
    expect([...gone].sort()).toEqual(["2", "4", "5", "6"]);
  });

  test("keeps a department that is refused but still listed, and marks the read incomplete", async () => {
    const fake = fakeDirectory(TREE);
    fake.lists.set("4", refusal("department_gone"));

    const { departments, gone, incompleteFor } = await read(fake, TREE);
    expect(departments.has("4")).toBe(true);
    expect(gone.size).toBe(0);
    expect(incompleteFor).toEqual({ kind: "departments_unreadable", count: 1 });
    expect(fake.requests.filter((what) => what === "list 4")).toHaveLength(2);
  });

  test("starts again once from the new roots when a refusal reveals a changed scope", async () => {
    const fake = fakeDirectory(TREE);
    fake.before = (request) => request === "list 3" && (fake.roots = ["2"]);

    expect(await parentsRead(fake)).toEqual({ 2: "1", 4: "2", 5: "2", 6: "4" });
    expect(fake.requests.filter((what) => what === "scopes")).toHaveLength(2);
  });

  test("a scope that changes a second time fails the read", async () => {
    const fake = fakeDirectory(TREE);
    const scopes = [["2"], ["3"], ["4"], ["5"]];
    fake.before = (request) => request.startsWith("list") && (fake.roots = scopes.shift() ?? []);

    await expect(read(fake)).rejects.toMatchObject({ reason: { kind: "scope_unsteady" } });
  });

  test("reads the scope once after any number of refusals", async () => {
    const fake = fakeDirectory(TREE);
    for (const id of ["2", "3"]) fake.lists.set(id, refusal("department_out_of_scope"));

    const { incompleteFor } = await read(fake);
    expect(incompleteFor).toEqual({ kind: "departments_unreadable", count: 2 });
    expect(fake.requests.filter((what) => what === "scopes")).toHaveLength(2);
  });

  test("keeps a department when its and its parent's list are refused, and marks the read incomplete", async () => {
    const fake = fakeDirectory(TREE);
    fake.lists.set("4", refusal("department_gone"));
    fake.before = (request) => request === "list 4" && fake.lists.set("2", refusal("department_gone"));

    const { departments, incompleteFor } = await read(fake, TREE);
    expect([departments.has("2"), departments.has("4")]).toEqual([true, true]);
    expect(incompleteFor).toEqual({ kind: "departments_unreadable", count: 2 });
  });

  test("ignores the list of a department that was found gone meanwhile", async () => {
    const fake = fakeDirectory(TREE);
    const isForgotten = Promise.withResolvers<void>();
    let lists = 0;
    fake.before = (request) => {
      if (request === "get 4") fake.parents.delete("4");
      if (request === "list 2" && (lists += 1) === 2) setImmediate(isForgotten.resolve);
      return request === "list 4" ? isForgotten.promise : undefined;
    };
    fake.lists.set("4", [department("6", "4")]);

    const { departments } = await read(fake, {}, { wantsDetails: () => true });
    expect([...departments.keys()].sort()).toEqual(["1", "2", "3", "5"]);
    expect(fake.requests).not.toContain("list 6");
  });

  test("keeps departments that moved out of a department before its deletion", async () => {
    const fake = fakeDirectory(TREE);
    const [moved, doubted] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    fake.before = (request) => {
      if (request === "list 3") return moved.promise;
      if (request === "list 6") {
        fake.parents.set("6", "3");
        moved.resolve();
        setImmediate(doubted.resolve);
      }
      if (request !== "get 4") return;
      return doubted.promise.then(() => fake.parents.delete("4"));
    };

    const { departments } = await read(fake, {}, { wantsDetails: () => true });
    expect(departments.has("4")).toBe(false);
    expect(departments.get("6")?.parentId).toBe("3");
  });

  test("marks the read incomplete when a department with two parents is refused, unless it was gone", async () => {
    const twice = () => {
      const fake = fakeDirectory({ ...TREE, 7: "3" });
      fake.lists.set("2", [department("4", "2"), department("7", "2")]);
      return fake;
    };
    const refused = twice();
    refused.before = (request) => {
      if (request === "get 7") throw refusal("department_gone");
    };
    expect((await read(refused)).incompleteFor).toEqual({ kind: "departments_unreadable", count: 1 });

    const gone = twice();
    gone.before = (request) => {
      if (request !== "list 7") return;
      gone.lists.delete("2");
      gone.parents.delete("7");
    };
    const { departments, incompleteFor } = await read(gone);
    expect({ has: departments.has("7"), incompleteFor }).toEqual({ has: false, incompleteFor: null });
  });

  test("reads the other roots when a granted one does not exist", async () => {
    const fake = fakeDirectory(TREE, ["2", "99"]);

    const { departments, incompleteFor } = await read(fake);
    expect(departments.size).toBe(4);
    expect(incompleteFor).toEqual({ kind: "departments_unreadable", count: 1 });
    await expect(read(fakeDirectory(TREE, ["98", "99"]))).rejects.toMatchObject({ kind: "department_gone" });
  });
});

describe("lists that form no tree", () => {
  test("breaks a cycle of departments at one of them, and makes the read incomplete", async () => {
    const fake = fakeDirectory(TREE);
    fake.lists.set("2", [department("4", "2")]);
    fake.before = (request) => request === "list 6" && fake.parents.set("4", "6").set("6", "4");
    fake.roots = ["1", "6"];

    const { departments, incompleteFor } = await read(fake);
    expect(incompleteFor).toEqual({ kind: "tree_contradictory", count: 1 });
    expect(departments.get("6")?.parentId).toBeNull();
    expect(departments.get("4")?.parentId).toBe("6");
  });

  test("keeps a root that is listed below its own child", async () => {
    const fake = fakeDirectory(TREE);
    fake.lists.set("3", [department("1", "3")]);

    const { departments, incompleteFor } = await read(fake);
    expect(departments.get("1")?.parentId).toBeNull();
    expect(incompleteFor).toBeNull();
  });

  test("ignores a department listed below itself", async () => {
    const fake = fakeDirectory(TREE);
    fake.lists.set("3", [department("3", "3")]);

    expect((await parentsRead(fake))["3"]).toBe("1");
  });
});
