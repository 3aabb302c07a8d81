import { expectNoViolationsInBothSchemes } from "./support/axe";
import { expect, makePerson, test } from "./support/fixtures";
import { plantPerson } from "./support/plant-person";
import { syncApp } from "./support/synced-app";

test("after a subtree is excluded and the guard is changed, the next sync is held because of the removals", async ({
  page,
}) => {
  const organization = await plantPerson(page, makePerson());
  const { app } = await syncApp(page, organization);
  const base = `${organization}/apps/${app}`;
  await page.goto(`${base}/settings`);
  await page.getByRole("link", { name: "Directory settings" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Directory settings" })).toBeVisible();
  await page.getByLabel("Maximum departments removed per sync").fill("many");
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByText("Enter digits only")).toBeVisible();
  await page.getByLabel("Maximum departments removed per sync").fill("0");
  const exclude = page.getByRole("region", { name: "Excluded departments" });
  await exclude.getByLabel("Find a department by name, pinyin or ID").fill("bu");
  await exclude.getByRole("button", { name: "Find", exact: true }).click();
  const hits = exclude.getByRole("button", { name: /^Choose / });
  await expect(hits.first()).toBeVisible();
  await expectNoViolationsInBothSchemes(page, "a wrong number and found departments");
  await hits.first().click();
  await expect(exclude.getByRole("button", { name: /^Remove / })).toHaveCount(1);
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByRole("main").getByText("Saved", { exact: true })).toBeVisible();
  await page.reload();
  await expect(exclude.getByRole("button", { name: /^Remove / })).toHaveCount(1);
  await expect(page.getByLabel("Maximum departments removed per sync")).toHaveValue("0");

  await page.goto(`${base}/syncs`);
  await page.getByRole("button", { name: "Sync now" }).click();
  await page.waitForURL(/\/syncs\/[0-9a-f-]{36}/);
  await expect(page.getByText("Needs a decision").first()).toBeVisible({ timeout: 30_000 });
});

test("S33 personal fields are stored only when the setting is on, and the page shows that", async ({
  page,
}) => {
  const organization = await plantPerson(page, makePerson());
  await page.goto(`${organization}/settings`);
  const personal = page.getByLabel("Store personal data");
  await expect(personal).not.toBeChecked();
  await personal.check();
  await page.locator("form", { has: personal }).getByRole("button", { name: "Save" }).click();
  await expect(page.getByRole("main").getByText("Saved", { exact: true })).toBeVisible();
  await page.reload();
  await expect(personal).toBeChecked();
});
