import { expect, test } from "vitest";
import { getDepartmentDetail } from "./get-department-detail";
import { addApp, makeDirectory } from "./test-support/make-directory";
import { FIRST_SEEN, LAST_SEEN } from "./test-support/plant";

test("returns path, parent, counts and times of a department", async () => {
  const { actor, appId } = await makeDirectory([
    { id: 1, name: "集团" },
    { id: 2, parent: 1, name: "销售" },
    { id: 3, parent: 2, name: "华东", sourceIdentifier: "HR-3" },
    { id: 4, parent: 3 },
    { id: 5, parent: 3, isRemoved: true },
  ]);
  expect(await getDepartmentDetail(actor, appId, { id: "3" })).toEqual({
    id: "3",
    name: "华东",
    path: [
      { id: "1", name: "集团" },
      { id: "2", name: "销售" },
      { id: "3", name: "华东" },
    ],
    parentId: "2",
    childCount: 1,
    directPeople: 0,
    allPeople: 0,
    managers: [],
    details: null,
    detailsAt: null,
    extra: {},
    keptAt: null,
    sourceIdentifier: "HR-3",
    firstSeenAt: FIRST_SEEN,
    lastSeenAt: LAST_SEEN,
  });
});

test("returns a path of 200 levels completely", async () => {
  const chain = Array.from({ length: 200 }, (_, index) => ({ id: index + 1, parent: index || null }));
  const { actor, appId } = await makeDirectory(chain);
  const { path } = await getDepartmentDetail(actor, appId, { id: "200" });
  expect(path.map(({ id }) => Number(id))).toEqual(chain.map(({ id }) => id));
});

test.each([
  [
    "two departments that are each other's parent",
    [
      { id: 1, parent: 2 },
      { id: 2, parent: 1 },
    ],
    ["2", "1"],
  ],
  ["one that is its own", [{ id: 1, parent: 1 }], ["1"]],
])("ends the path of a department whose parents form a cycle: %s", async (_, departments, expected) => {
  const { actor, appId } = await makeDirectory(departments);
  const { path } = await getDepartmentDetail(actor, appId, { id: "1" });
  expect(path.map(({ id }) => id)).toEqual(expected);
});

test("ends the path below a removed or unknown parent", async () => {
  const { actor, appId } = await makeDirectory([
    { id: 1, isRemoved: true },
    { id: 2, parent: 1 },
    { id: 3, parent: 2 },
  ]);
  const { path } = await getDepartmentDetail(actor, appId, { id: "3" });
  expect(path.map(({ id }) => id)).toEqual(["2", "3"]);
});

test("returns not_found for a department that is removed, unknown, or of another app or organization", async () => {
  const { actor, appId, organizationId } = await makeDirectory([{ id: 1 }, { id: 2, isRemoved: true }]);
  const second = await addApp(organizationId, [{ id: 3 }]);
  const theirs = await makeDirectory([{ id: 4 }]);
  const notFoundIds = [
    [appId, "2"],
    [appId, "3"],
    [appId, "4"],
    [appId, "5"],
    [theirs.appId, "4"],
  ] as const;
  for (const [app, id] of notFoundIds) {
    await expect(getDepartmentDetail(actor, app, { id }), `${app} ${id}`).rejects.toMatchObject({
      code: "not_found",
    });
  }
  expect(await getDepartmentDetail(actor, second, { id: "3" }), "the control").toMatchObject({ id: "3" });
});

test("reads a department's path and count within the app only", async () => {
  const { actor, appId, organizationId } = await makeDirectory([{ id: 2, parent: 1 }]);
  await addApp(organizationId, [
    { id: 1, name: "another app's" },
    { id: 9, parent: 2 },
  ]);
  const theirs = await makeDirectory([
    { id: 1, name: "another organization's" },
    { id: 9, parent: 2 },
  ]);
  expect(theirs.appId).not.toBe(appId);
  expect(await getDepartmentDetail(actor, appId, { id: "2" })).toMatchObject({
    path: [{ id: "2" }],
    parentId: "1",
    childCount: 0,
  });
});
