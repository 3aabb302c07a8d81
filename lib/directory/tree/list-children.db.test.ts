import { describe, expect, test } from "vitest";
import { listChildren } from "./list-children";
import { addApp, makeDirectory } from "./test-support/make-directory";

const namesOf = (page: { items: readonly { name: string }[] }) => page.items.map(({ name }) => name);
const idsOf = (page: { items: readonly { id: string }[] }) => page.items.map(({ id }) => id);

describe("listChildren: order", () => {
  const names = ["研发", "财务", "Zebra", "apple", "北京", "安徽"];

  test("sorts by DingTalk's order ascending, also beyond 2^53", async () => {
    const { actor, appId } = await makeDirectory([
      { id: 1 },
      { id: 2, parent: 1, name: "a", order: 176_318_668_975_061_513n },
      { id: 3, parent: 1, name: "b", order: 176_318_668_975_061_512n },
      { id: 4, parent: 1, name: "0 without" },
      { id: 5, parent: 1, name: "c", order: -1n },
    ]);
    const page = await listChildren(actor, appId, { parent: "1", locale: "en" });
    expect(namesOf(page)).toEqual(["c", "b", "a", "0 without"]);
  });

  test.each([
    ["zh-CN", ["安徽", "北京", "财务", "研发", "apple", "Zebra"]],
    ["en", ["apple", "Zebra", "北京", "安徽", "研发", "财务"]],
  ])("sorts departments without an order by name, as %s sorts them", async (locale, expected) => {
    const children = names.map((name, index) => ({ id: 10 + index, parent: 1, name }));
    const { actor, appId } = await makeDirectory([{ id: 1 }, ...children]);
    expect(namesOf(await listChildren(actor, appId, { parent: "1", locale }))).toEqual(expected);
  });

  test("sorts equal names by id, so that pages are consistent", async () => {
    const { actor, appId } = await makeDirectory([
      { id: 1 },
      ...[9, 3, 7].map((id) => ({ id, parent: 1, name: "x" })),
    ]);
    expect(idsOf(await listChildren(actor, appId, { parent: "1", locale: "en" }))).toEqual(["3", "7", "9"]);
  });
});

describe("listChildren: rows", () => {
  test("flags departments with children, counts all, and excludes removed ones", async () => {
    const { actor, appId } = await makeDirectory([
      { id: 1 },
      { id: 2, parent: 1 },
      { id: 3, parent: 1 },
      { id: 4, parent: 1, isRemoved: true },
      { id: 5, parent: 2 },
      { id: 6, parent: 3, isRemoved: true },
    ]);
    expect(await listChildren(actor, appId, { parent: "1", locale: "en" })).toEqual({
      items: [
        { id: "2", name: "部门 2", position: 1, hasChildren: true },
        { id: "3", name: "部门 3", position: 2, hasChildren: false },
      ],
      total: 2,
    });
  });

  test("treats departments without a known parent as roots", async () => {
    const { actor, appId } = await makeDirectory([
      { id: 10, name: "a" },
      { id: 20, parent: 1, name: "b: the scope begins here" },
      { id: 30, parent: 31, name: "c: its parent went" },
      { id: 31, isRemoved: true },
      { id: 40, parent: 10, name: "no root" },
    ]);
    expect(idsOf(await listChildren(actor, appId, { locale: "en" }))).toEqual(["10", "20", "30"]);
  });

  test("returns an id beyond 2^53 exactly", async () => {
    const huge = 9_007_199_254_740_993n;
    const { actor, appId } = await makeDirectory([{ id: huge }, { id: huge + 2n, parent: huge }]);
    expect(idsOf(await listChildren(actor, appId, { locale: "en" }))).toEqual([String(huge)]);
    expect(idsOf(await listChildren(actor, appId, { parent: String(huge), locale: "en" }))).toEqual([
      String(huge + 2n),
    ]);
  });

  test("returns no children of an unknown department", async () => {
    const { actor, appId } = await makeDirectory([{ id: 1 }]);
    expect(await listChildren(actor, appId, { parent: "99", locale: "en" })).toEqual({ items: [], total: 0 });
  });
});

describe("listChildren: pages", () => {
  const many = Array.from({ length: 450 }, (_, index) => ({
    id: 1000 + index,
    parent: 1,
    order: BigInt(index),
  }));

  test("returns each child once in pages of 200", async () => {
    const { actor, appId } = await makeDirectory([{ id: 1 }, ...many]);
    const seen: string[] = [];
    const sizes: number[] = [];
    for (let after: string | undefined; sizes.length < 5; after = seen.at(-1)) {
      const page = await listChildren(actor, appId, { parent: "1", after, locale: "en" });
      expect(page.total).toBe(450);
      sizes.push(page.items.length);
      seen.push(...idsOf(page));
      if (seen.length === 450) break;
    }
    expect(sizes).toEqual([200, 200, 50]);
    expect(seen).toEqual(many.map(({ id }) => String(id)));
    expect(await listChildren(actor, appId, { parent: "1", after: "1449", locale: "en" })).toEqual({
      items: [],
      total: 450,
    });
  });

  test("returns the next page after a department that was removed meanwhile", async () => {
    const departments = many.map((one) => (one.id === 1199 ? { ...one, isRemoved: true } : one));
    const { actor, appId } = await makeDirectory([{ id: 1 }, ...departments]);
    const page = await listChildren(actor, appId, { parent: "1", after: "1199", locale: "en" });
    expect(page.items[0]).toMatchObject({ id: "1200", position: 200 });
    expect(page.total).toBe(449);
  });

  test("includes one child of a later page, with its true position", async () => {
    const { actor, appId } = await makeDirectory([{ id: 1 }, ...many]);
    const page = await listChildren(actor, appId, { parent: "1", include: "1400", limit: 3, locale: "en" });
    expect(page.items.map(({ id, position }) => [id, position])).toEqual([
      ["1000", 1],
      ["1001", 2],
      ["1002", 3],
      ["1400", 401],
    ]);
    const own = await listChildren(actor, appId, { parent: "1", include: "1001", limit: 3, locale: "en" });
    expect(idsOf(own), "what is in the page is not in it twice").toEqual(["1000", "1001", "1002"]);
  });
});

describe("listChildren: tenants", () => {
  test("returns not_found for another organization's app, an unknown id and a malformed id", async () => {
    const theirs = await makeDirectory([{ id: 1 }]);
    const mine = await makeDirectory([{ id: 1 }]);
    for (const appId of [theirs.appId, "00000000-0000-4000-8000-000000000000", "no-id", ""]) {
      await expect(listChildren(mine.actor, appId, { locale: "en" }), appId).rejects.toMatchObject({
        code: "not_found",
      });
    }
  });

  test("doesn't use another app's department as a parent", async () => {
    const one = await makeDirectory([{ id: 8, parent: 7 }]);
    await addApp(one.organizationId, [{ id: 7 }]);
    expect(idsOf(await listChildren(one.actor, one.appId, { locale: "en" }))).toEqual(["8"]);
  });

  test("separates the departments of apps and organizations", async () => {
    const one = await makeDirectory([
      { id: 1, name: "mine" },
      { id: 2, parent: 1 },
    ]);
    const other = await makeDirectory([
      { id: 1, name: "theirs" },
      { id: 3, parent: 1 },
      { id: 4, parent: 2 },
    ]);
    const second = await addApp(one.organizationId, [
      { id: 1, name: "second" },
      { id: 5, parent: 1 },
      { id: 6, parent: 2 },
    ]);
    expect(namesOf(await listChildren(one.actor, one.appId, { locale: "en" }))).toEqual(["mine"]);
    expect(await listChildren(one.actor, one.appId, { parent: "1", locale: "en" })).toEqual({
      items: [{ id: "2", name: "部门 2", position: 1, hasChildren: false }],
      total: 1,
    });
    expect(idsOf(await listChildren(other.actor, other.appId, { parent: "1", locale: "en" }))).toEqual(["3"]);
    expect(idsOf(await listChildren(one.actor, second, { parent: "1", locale: "en" }))).toEqual(["5"]);
  });
});
