import { describe, expect, test } from "vitest";
import { fakeDirectory } from "./test-support/fake-directory";
import { type Held, readFake } from "./test-support/read-fake";

/** 1 has 2 and 3; 2 has 4 and 5; 4 has 6; 3 has 7. */
const TREE = { 1: null, 2: "1", 3: "1", 4: "2", 5: "2", 6: "4", 7: "3" };

type Choice = { include?: readonly string[]; exclude?: readonly string[] };

async function readChosen(
  { include = [], exclude = [] }: Choice,
  fake = fakeDirectory(TREE),
  held: Held = TREE,
) {
  const read = await readFake(fake, held, { include, exclude: new Set(exclude) });
  return { fake, ...read, ids: [...read.departments.keys()].sort(), out: [...read.excluded].sort() };
}

describe("departments that are left out", () => {
  test("are not walked with all that is below them, and what is held of them is told", async () => {
    const { fake, ids, out, gone, incompleteFor, suspicion } = await readChosen({ exclude: ["4", "3"] });

    expect(ids).toEqual(["1", "2", "5"]);
    expect(out).toEqual(["3", "4", "6", "7"]);
    expect({ gone: gone.size, incompleteFor, suspicion }).toEqual({
      gone: 0,
      incompleteFor: null,
      suspicion: null,
    });
    expect(fake.asked).toEqual(["scopes", "get 1", "list 1", "list 2", "list 5"]);
  });

  test("are left out where the whole tree came at once, too", async () => {
    const fake = fakeDirectory(TREE);
    fake.allowWhole();
    expect((await readChosen({ exclude: ["2"] }, fake)).ids).toEqual(["1", "3", "7"]);
  });

  test("are no sign of a strange answer when nothing else is held", async () => {
    const { suspicion, gone } = await readChosen({ exclude: ["2", "3"] });
    expect({ suspicion, gone: gone.size }).toEqual({ suspicion: null, gone: 0 });
  });

  test("have in them what moved there, and not what moved away", async () => {
    const fake = fakeDirectory({ ...TREE, 7: "4", 6: "3" });
    const { ids, out } = await readChosen({ exclude: ["2"] }, fake);

    expect(ids).toEqual(["1", "3", "6"]);
    expect(out).toEqual(["2", "4", "5", "7"]);
  });

  test("can be everything", async () => {
    const { ids, out, suspicion } = await readChosen({ exclude: ["1"] });

    expect(ids).toEqual([]);
    expect(out).toEqual(Object.keys(TREE));
    expect(suspicion).toBeNull();
  });
});

describe("departments that were chosen to begin at", () => {
  test("are read with what is below them, and the rest of what is held is left out, unasked", async () => {
    const { fake, ids, out, incompleteFor } = await readChosen({ include: ["4", "3"] });

    expect(ids).toEqual(["3", "4", "6", "7"]);
    expect(out).toEqual(["1", "2", "5"]);
    expect(incompleteFor).toBeNull();
    expect(fake.count("get")).toBe(2);
  });

  test("lose what is gone from them", async () => {
    const { gone, out } = await readChosen({ include: ["4"] }, fakeDirectory(TREE), {
      ...TREE,
      60: "4",
    });
    expect({ gone: [...gone], out }).toEqual({ gone: ["60"], out: ["1", "2", "3", "5", "7"] });
  });

  test("lose what moved out of them, which is left out and not gone", async () => {
    const fake = fakeDirectory({ ...TREE, 6: "5" });
    const { ids, out, gone } = await readChosen({ include: ["4"] }, fake);

    expect(ids).toEqual(["4"]);
    expect(out).toContain("6");
    expect(gone.size).toBe(0);
  });

  test("and are out of the app's scope, or gone, make the run incomplete", async () => {
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
