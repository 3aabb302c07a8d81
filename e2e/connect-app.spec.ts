import { expect, makePerson, test } from "./support/fixtures";
import { plantPerson } from "./support/plant-person";
import { connectApp, enterPair, SIMULATED_APP, testConnection } from "./support/simulated-app";

test("an app is saved exactly as tested, and its secret is never shown again", async ({ page }) => {
  const bodies: Promise<string>[] = [];
  page.on("response", (response) => bodies.push(response.text().catch(() => "")));
  const path = await plantPerson(page, makePerson());

  await testConnection(page, path, { ...SIMULATED_APP, appSecret: "not-the-secret" });
  const fault = page.getByRole("heading", { name: "AppKey and AppSecret don't match" });
  await expect(fault).toBeFocused();
  await expect(page.getByRole("button", { name: "Save and start syncing" })).toBeDisabled();
  await page.goto(`${path}/apps`);
  await expect(page.getByText("Connect a DingTalk app to get started")).toBeVisible();

  await testConnection(page, path, SIMULATED_APP);
  const save = page.getByRole("button", { name: "Save and start syncing" });
  await expect(save).toBeEnabled();
  await page.getByLabel("AppKey (Client ID)").fill("another");
  await expect(save).toBeDisabled();
  await expect(page.getByText("The values changed. Test again.").first()).toBeVisible();
  await page.getByLabel("AppKey (Client ID)").fill(SIMULATED_APP.appKey);
  await page.getByRole("button", { name: "Test connection" }).click();
  await save.click();
  await page.waitForURL(/\/apps\/[0-9a-f-]{36}$/);
  const app = new URL(page.url()).pathname;
  await page.goto(app);
  await expect(page.getByText("Working").first()).toBeVisible();
  await page.goto(`${app}/settings`);
  await expect(page.getByText("last four a1b2")).toBeVisible();
  await page.goto(`${app}/token`);
  await expect(page.getByText("The console never shows the token itself")).toBeVisible();

  const received = (await Promise.all(bodies)).join();
  expect(received, "responses were recorded").toContain(SIMULATED_APP.appKey);
  expect(received).not.toContain(SIMULATED_APP.appSecret);
});

test("S17 an AppKey can't be connected twice, and the app that has it is deleted by typing its name", async ({
  page,
}) => {
  const path = await plantPerson(page, makePerson());
  const app = await connectApp(page, path, SIMULATED_APP);
  await enterPair(page, path, SIMULATED_APP);
  await expect(page.getByText("This AppKey is already connected as “生产通讯录”")).toBeVisible();

  await page.goto(`${app}/settings`);
  await page.getByRole("button", { name: "Delete app" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Type “生产通讯录” to confirm").fill("生产通讯");
  await dialog.getByRole("button", { name: "Delete app" }).click();
  await expect(dialog.getByText("The name doesn't match")).toBeVisible();
  await dialog.getByLabel("Type “生产通讯录” to confirm").fill(" 生产通讯录 ");
  await dialog.getByRole("button", { name: "Delete app" }).click();
  await page.waitForURL(`**${path}`);
  await expect(page.locator("#status")).toContainText("生产通讯录");
  await expect(page.getByRole("heading", { level: 1, name: "Get started" })).toBeFocused();
  const notFound = await page.goto(app);
  expect(notFound?.status()).toBe(404);
});
