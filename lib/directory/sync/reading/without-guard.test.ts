import { expect, test } from "vitest";
import { fakeDirectory } from "./test-support/fake-directory";
import { readFake } from "./test-support/read-fake";
import { withoutGuard } from "./without-guard";

const TREE = { 1: null, 2: "1", 3: "1" };

test("a suspicious reading removes nothing where nobody can be asked", async () => {
  const shrunk = await readFake(fakeDirectory(TREE, ["2"]), { ...TREE, 60: null });
  const much = await readFake(fakeDirectory(TREE), { ...TREE, 50: "1", 51: "1" }, { lookUpsMax: 1 });
  expect([shrunk.gone.size, much.gone.size]).toEqual([1, 1]);

  expect(withoutGuard(shrunk)).toMatchObject({
    gone: new Set(),
    incompleteFor: { kind: "scope_shrank", count: 2 },
  });
  expect(withoutGuard(much)).toMatchObject({
    gone: new Set(),
    incompleteFor: { kind: "too_many_missing", departments: 1 },
  });
});

test("a reading that can't be meant fails, and one without a suspicion stays as it is", async () => {
  const empty = await readFake(fakeDirectory(TREE, []), TREE);
  expect(() => withoutGuard(empty)).toThrow(expect.objectContaining({ reason: { kind: "scope_empty" } }));
  const strange = await readFake(fakeDirectory({ 1: null }), TREE);
  expect(() => withoutGuard(strange)).toThrow(expect.objectContaining({ reason: strange.suspicion }));

  const whole = await readFake(fakeDirectory(TREE), TREE);
  expect(withoutGuard(whole)).toBe(whole);
});
