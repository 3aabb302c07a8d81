import type { Page } from "@playwright/test";
import { expect, makePerson, type Person, signUpByForm, test } from "./support/fixtures";
import { plantPerson } from "./support/plant-person";
import { connectAppByForm, SIMULATED_APP, testConnection } from "./support/simulated-app";
import { connectAndSync } from "./support/synced-app";

/** Signs up, enters a wrong secret, connects the app and opens the tree. */
async function signUpAndOpenTree(page: Page, person: Person): Promise<string> {
  const path = await signUpByForm(page, person);
  await testConnection(page, path, { ...SIMULATED_APP, appSecret: "not-the-secret" });
  await expect(page.getByRole("heading", { name: "AppKey and AppSecret don't match" })).toBeVisible();

  const app = await connectAppByForm(page, path);
  await page.getByRole("link", { name: "Sync #1" }).click();
  await expect(page.getByText("Completed").first()).toBeVisible({ timeout: 30_000 });
  await page.getByRole("link", { name: "Directory", exact: true }).click();
  const tree = page.getByRole("tree");
  await expect(tree.getByRole("treeitem").first()).toBeVisible();
  expect(await tree.getByRole("treeitem").count()).toBeGreaterThan(1);
  return app;
}

test("two organizations connect the same app from sign-up to the tree, and neither sees the other", async ({
  page,
  newBrowser,
}) => {
  test.setTimeout(150_000);
  const other = await (await newBrowser()).newPage();
  const [first, second] = [makePerson(), makePerson()];
  const secondPath = await plantPerson(other, second);
  const [firstApp, secondApp] = await Promise.all([
    signUpAndOpenTree(page, first),
    connectAndSync(other, secondPath, SIMULATED_APP),
  ]);
  await other.goto(`${secondApp}/directory`);
  await expect(other.getByRole("treeitem").first()).toBeVisible();

  for (const [browser, foreign, theirs] of [
    [page, secondApp, second],
    [other, firstApp, first],
  ] as const) {
    const response = await browser.request.get(`${foreign}/directory`);
    expect(response.status()).toBe(404);
    expect(await response.text()).not.toContain(theirs.organization);
  }
});
