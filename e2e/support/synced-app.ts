import type { Page } from "@playwright/test";
import { expect } from "./fixtures";
import type { Ids } from "./routes";
import { connectApp } from "./simulated-app";

/**
 * Connects the simulated app and waits for its first sync.
 *
 * @param organizationPath `/o/…`, as `signUp` returns it
 * @returns the ids that the organization's addresses are made of
 */
export async function syncApp(page: Page, organizationPath: string): Promise<Ids> {
  const app = await connectApp(page, organizationPath);
  await page.goto(`${app}/syncs`);
  await page.getByRole("link", { name: "Sync #1" }).click();
  await page.waitForURL(/\/syncs\/[0-9a-f-]{36}$/);
  await expect(page.getByText("Completed").first()).toBeVisible({ timeout: 30_000 });
  const run = new URL(page.url()).pathname.split("/").at(-1) ?? "";
  return { organization: organizationPath.split("/")[2] ?? "", app: app.split("/").at(-1) ?? "", run };
}

/** Longer than a sync takes on a machine that does other things too. */
export const DONE = { timeout: 30_000 };

/** Starts a sync from the list of runs, and waits for what it comes to. @returns the path of its page */
export async function syncTo(page: Page, app: string, state: string): Promise<string> {
  await page.goto(`${app}/syncs`);
  await page.getByRole("button", { name: "Sync now" }).click();
  await page.waitForURL(/\/syncs\/[0-9a-f-]{36}$/);
  await expect(page.locator("main").getByText(state, { exact: true }).first()).toBeVisible(DONE);
  return new URL(page.url()).pathname;
}
