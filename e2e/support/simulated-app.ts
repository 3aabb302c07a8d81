import { expect, type Page } from "@playwright/test";

/** The app that the simulator knows; scripts/e2e-server.ts starts it with the same. */
export const SIMULATED_APP = {
  appKey: "ding0e2e0app0key",
  appSecret: "e2e-app-secret-which-is-marked-a1b2",
} as const;

type Pair = { readonly appKey: string; readonly appSecret: string };

/** Fills the connect form and tests it; the page shows the result then. */
export async function testConnection(page: Page, organizationPath: string, pair: Pair): Promise<void> {
  await page.goto(`${organizationPath}/apps/new`);
  await page.getByLabel("Name", { exact: true }).fill("生产通讯录");
  await page.getByLabel("AppKey (Client ID)").fill(pair.appKey);
  await page.getByLabel("AppSecret (Client Secret)").fill(pair.appSecret);
  await page.getByRole("button", { name: "Test connection" }).click();
  await expect(page.getByRole("region", { name: "Test result" })).toBeVisible();
}

/** Connects the simulated app, or another, and returns its path. */
export async function connectApp(
  page: Page,
  organizationPath: string,
  pair: Pair = SIMULATED_APP,
): Promise<string> {
  await testConnection(page, organizationPath, pair);
  await page.getByRole("button", { name: "Save and start syncing" }).click();
  await page.waitForURL(/\/apps\/[0-9a-f-]{36}$/);
  return new URL(page.url()).pathname;
}
