import { describe, expect, test } from "vitest";
import { fakeDirectory } from "./test-support/fake-directory";
import { readFake, type Stored } from "./test-support/read-fake";

/** Children: 1: 2, 3. 2: 4, 5. 4: 6. 3: 7. */
const TREE = { 1: null, 2: "1", 3: "1", 4: "2", 5: "2", 6: "4", 7: "3" };

type Choice = { include?: readonly string[]; exclude?: readonly string[] };

async function readChosen(
  { include = [], exclude = [] }: Choice,
  fake = fakeDirectory(TREE),
  stored: Stored = TREE,
) {
  const read = await readFake(fake, stored, { include, exclude: new Set(exclude) });
  return { fake, ...read, ids: [...read.departments.keys()].sort(), out: [...read.excluded].sort() };
}

describe("excluded departments", () => {
  test("excluded departments are not read, and stored ones are reported as excluded", async () => {
    const { fake, ids, out, gone, incompleteFor, suspicion } = await readChosen({ exclude: ["4", "3"] });

    expect(ids).toEqual(["1", "2", "5"]);
    expect(out).toEqual(["3", "4", "6", "7"]);
    expect({ gone: gone.size, incompleteFor, suspicion }).toEqual({
      gone: 0,
      incompleteFor: null,
      suspicion: null,
    });
    expect(fake.requests).toEqual(["scopes", "get 1", "list 1", "list 2", "list 5"]);
  });

  test("excluded departments are excluded from a whole tree in one answer too", async () => {
    const fake = fakeDirectory(TREE);
    fake.allowWhole();
    expect((await readChosen({ exclude: ["2"] }, fake)).ids).toEqual(["1", "3", "7"]);
  });

  test("excluded departments cause no suspicion when nothing else is stored", async () => {
    const { suspicion, gone } = await readChosen({ exclude: ["2", "3"] });
    expect({ suspicion, gone: gone.size }).toEqual({ suspicion: null, gone: 0 });
  });

  test("excludes departments that moved into an excluded one, and not those that moved away", async () => {
    const fake = fakeDirectory({ ...TREE, 7: "4", 6: "3" });
    const { ids, out } = await readChosen({ exclude: ["2"] }, fake);

    expect(ids).toEqual(["1", "3", "6"]);
    expect(out).toEqual(["2", "4", "5", "7"]);
  });

  test("the excluded departments may be the whole tree", async () => {
    const { ids, out, suspicion } = await readChosen({ exclude: ["1"] });

    expect(ids).toEqual([]);
    expect(out).toEqual(Object.keys(TREE));
    expect(suspicion).toBeNull();
  });
});

describe("included departments", () => {
  test("reads included departments with their subtrees, and excludes other stored ones without a lookup", async () => {
    const { fake, ids, out, incompleteFor } = await readChosen({ include: ["4", "3"] });

    expect(ids).toEqual(["3", "4", "6", "7"]);
    expect(out).toEqual(["1", "2", "5"]);
    expect(incompleteFor).toBeNull();
    expect(fake.count("get")).toBe(2);
  });

  test("departments that are gone are no longer included", async () => {
    const { gone, out } = await readChosen({ include: ["4"] }, fakeDirectory(TREE), {
      ...TREE,
      60: "4",
    });
    expect({ gone: [...gone], out }).toEqual({ gone: ["60"], out: ["1", "2", "3", "5", "7"] });
  });

  test("departments that moved out of an included one are excluded and not gone", async () => {
    const fake = fakeDirectory({ ...TREE, 6: "5" });
    const { ids, out, gone } = await readChosen({ include: ["4"] }, fake);

    expect(ids).toEqual(["4"]);
    expect(out).toContain("6");
    expect(gone.size).toBe(0);
  });

  test("included departments that are out of scope or gone make the read incomplete", async () => {
    const fake = fakeDirectory(TREE, ["2"]);
    const { ids, gone, incompleteFor } = await readChosen({ include: ["4", "3", "99"] }, fake, {
      ...TREE,
      60: "4",
    });

    expect(ids).toEqual(["4", "6"]);
    expect(gone.size).toBe(0);
    expect(incompleteFor).toEqual({ kind: "choice_unreadable", count: 2 });
  });
});
