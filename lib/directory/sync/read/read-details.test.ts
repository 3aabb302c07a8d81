import { describe, expect, test } from "vitest";
import type { ReadDepartment } from "./department-tree";
import { fakeDirectory, refusal } from "./test-support/fake-directory";
import { readFake } from "./test-support/read-fake";

const TREE = { 1: null, 2: "1", 3: "1", 4: "2" };

/** Returns each department's order, and whether its details were read. */
async function detailsRead(wanted: (seen: ReadDepartment) => boolean, fake = fakeDirectory(TREE)) {
  const { departments, leastCalls } = await readFake(fake, TREE, { wantsDetails: wanted });
  const read = [...departments].flatMap(
    ([
      id,
      {
        details,
        department: { order },
      },
    ]) => (details === null ? [] : [[id, JSON.parse(details).code, order]]),
  );
  return { fake, read: read.sort(), gets: fake.count("get"), least: leastCalls["topapi/v2/department/get"] };
}

describe("readDirectory: details", () => {
  test("reads details once per wanted department, and of the roots with their first call", async () => {
    const { read, gets, least } = await detailsRead(() => true);

    expect(read).toEqual(["1", "2", "3", "4"].map((id) => [id, `of ${id}`, `9${id}`]));
    expect({ gets, least }).toEqual({ gets: 4, least: 4 });
  });

  test("reads no details of other departments", async () => {
    const { read, gets } = await detailsRead(({ department }) => department.departmentId === "3");

    expect(read.map(([id]) => id)).toEqual(["1", "3"]);
    expect(gets).toBe(2);
  });

  test("reads only the roots' details when switched off, because no list has a root's name", async () => {
    const fake = fakeDirectory(TREE);
    await readFake(fake, TREE);
    expect(fake.requests.filter((what) => what.startsWith("get"))).toEqual(["get 1"]);
  });

  test("reads details concurrently with the lists", async () => {
    const fake = fakeDirectory(TREE);
    const got = Promise.withResolvers<void>();
    const listed = Promise.withResolvers<void>();
    fake.before = (request) => {
      if (request === "get 2") got.resolve();
      if (request === "list 4") listed.resolve();
      if (request === "list 3") return got.promise;
      return request === "get 3" ? listed.promise : undefined;
    };
    expect((await detailsRead(() => true, fake)).gets).toBe(4);
  });

  test("reads a department again at the end when its details name another parent than the list", async () => {
    const fake = fakeDirectory({ ...TREE, 5: "4" });
    fake.before = (request) => request === "get 5" && fake.parents.set("5", "3");
    const { departments } = await readFake(fake, {}, { wantsDetails: () => true });

    expect(departments.get("5")?.parentId).toBe("3");
    expect(fake.count("get 5")).toBe(2);
  });

  test("reads a new parent named by details, with its subtree", async () => {
    const fake = fakeDirectory({ ...TREE, 5: "4" });
    fake.before = (request) => {
      if (request === "get 5") fake.parents.set("20", "1").set("21", "20").set("5", "20");
    };
    const { departments } = await readFake(fake, {}, { wantsDetails: () => true });

    expect([departments.get("5")?.parentId, departments.get("20")?.parentId]).toEqual(["20", "1"]);
    expect(departments.get("21")?.parentId).toBe("20");
  });

  test("excludes a department whose details name an excluded parent", async () => {
    const fake = fakeDirectory({ ...TREE, 5: "3", 6: "5" });
    fake.before = (request) => request === "get 5" && fake.parents.set("5", "2");
    const options = { wantsDetails: () => true, exclude: new Set(["2"]) };
    const { departments } = await readFake(fake, {}, options);

    expect([...departments.keys()].sort()).toEqual(["1", "3"]);
  });

  test("lists the parent again when details of a deleted department are refused", async () => {
    const fake = fakeDirectory(TREE);
    fake.before = (request) => request === "get 4" && fake.parents.delete("4");
    const { departments, gone, incompleteFor } = await readFake(fake, TREE, { wantsDetails: () => true });

    expect(departments.has("4")).toBe(false);
    expect({ gone: [...gone], incompleteFor }).toEqual({ gone: ["4"], incompleteFor: null });
  });

  test("keeps a department as listed when its details are refused", async () => {
    const fake = fakeDirectory(TREE);
    fake.before = (request) => {
      if (request === "get 3") throw refusal("department_out_of_scope");
    };
    const { departments, incompleteFor } = await readFake(fake, TREE, { wantsDetails: () => true });

    expect(departments.get("3")).toMatchObject({ parentId: "1", details: null });
    expect(incompleteFor).toBeNull();
  });
});
