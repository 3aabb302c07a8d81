import { focused, openDirectory, row, rows } from "./support/directory-page";
import { expect, makePerson, test } from "./support/fixtures";
import { companyOf, plantDirectory } from "./support/plant-directory";
import { plantPerson } from "./support/plant-person";

test("failed children show an error and load on retry, and many children load in steps of 200", async ({
  page,
}) => {
  const wide = Array.from({ length: 450 }, (_, index) => ({
    id: 1_000 + index,
    parent: 2,
    order: BigInt(index),
  }));
  const app = await plantDirectory(await plantPerson(page, makePerson()), [
    { id: 1, name: "集团" },
    { id: 2, parent: 1, name: "wide" },
    ...wide,
  ]);
  await openDirectory(page, app);
  let isDown = true;
  await page.route("**/directory/tree/children?**", (route) =>
    // Not 503, because a server error on the console would fail the test.
    isDown ? route.fulfill({ status: 404, json: { code: "unavailable" } }) : route.fallback(),
  );
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowRight");
  const failed = rows(page).filter({ hasText: "The database isn't responding" });
  await expect(failed).toBeVisible();
  await page.keyboard.press("ArrowDown");
  await expect(failed).toBeFocused();
  isDown = false;
  await page.keyboard.press("Enter");
  await expect(row(page, 1_000)).toBeVisible();
  await expect(row(page, 2)).toBeFocused();

  await page.keyboard.press("End");
  await expect(focused(page)).toHaveText("Show 200 more of 450");
  await page.keyboard.press("Enter");
  await expect(row(page, 1_200), "the first new row has the focus").toBeFocused();
  await page.keyboard.press("End");
  await expect(focused(page)).toHaveText("Show 50 more of 450");
  await page.keyboard.press("Enter");
  await expect(row(page, 1_400)).toBeFocused();
  await page.keyboard.press("End");
  await expect(row(page, 1_449)).toBeFocused();
});

test("S15 answers for another organization's directory equal those for an unknown one byte by byte", async ({
  page,
  newBrowser,
}) => {
  const theirs = await plantDirectory(await plantPerson(page, makePerson()), companyOf(20));
  const other = await (await newBrowser()).newPage();
  const path = await plantPerson(other, makePerson());
  const mine = await plantDirectory(path, companyOf(20));
  const appOf = (app: string) => app.split("/").at(-1) ?? "";
  const unknownApps = [
    theirs,
    `${path}/apps/${appOf(theirs)}`,
    `${path}/apps/00000000-0000-4000-8000-000000000000`,
    `${path}/apps/no-id`,
    `${theirs.split("/apps")[0]}/apps/${appOf(mine)}`,
    `/o/00000000000000000000000000/apps/${appOf(mine)}`,
  ];
  for (const route of ["tree/children", "tree/children?parent=1", "search?q=1", "detail/department?id=1"]) {
    const control = await other.request.get(`${mine}/directory/${route}`);
    expect([control.status(), control.headers()["cache-control"]], route).toEqual([200, "no-store"]);
    for (const app of unknownApps) {
      const answer = await other.request.get(`${app}/directory/${route}`);
      expect([answer.status(), await answer.text()], `${app} ${route}`).toEqual([
        404,
        '{"code":"not_found"}',
      ]);
      expect(answer.headers()).toMatchObject({
        "cache-control": "no-store",
        vary: expect.stringContaining("cookie"),
      });
    }
  }
  for (const app of unknownApps)
    expect((await other.request.get(`${app}/directory?node=1`)).status(), app).toBe(404);
  const [foreign = "", foreignApp, , noId] = unknownApps.map((app) => `${app}/directory?node=1`);
  const shown: unknown[][] = [];
  for (const address of [
    foreign,
    foreignApp,
    noId,
    foreign.slice(0, foreign.indexOf("/apps")),
    "/o/no-such",
  ]) {
    const response = await other.goto(address ?? "");
    // Streamed after the start of the page.
    await expect(other).toHaveTitle("Page not found – Dingkeep");
    shown.push([response?.status(), await other.locator("body").innerText()]);
  }
  expect(shown).toEqual(shown.map(() => shown[0]));
  expect(shown[0]).toEqual([404, expect.any(String)]);
});

test("the directory's routes answer invalid requests with a status and a code only", async ({
  page,
  request,
}) => {
  const app = await plantDirectory(await plantPerson(page, makePerson()), companyOf(20));
  for (const wrong of [
    "tree/children?parent=x",
    "tree/children?parent=1&after=1.5",
    "search",
    "detail/department?id=",
  ]) {
    const answer = await page.request.get(`${app}/directory/${wrong}`);
    expect([answer.status(), await answer.text()], wrong).toEqual([422, '{"code":"invalid_input"}']);
  }
  for (const address of [`${app}/directory/search?q=%00`, `${app}/directory?q=%ed%a0%80`, "/o/%00"])
    expect((await page.request.get(address)).status(), address).toBe(400);
  const signedOut = await request.get(`${app}/directory/tree/children`);
  expect([signedOut.status(), await signedOut.text()]).toEqual([401, '{"code":"unauthenticated"}']);
  const notFound = await page.request.get(`${app}/directory/detail/department?id=999`);
  expect(notFound.status()).toBe(404);
});
