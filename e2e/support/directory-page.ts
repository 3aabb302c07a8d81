import type { Page } from "@playwright/test";
import { expect } from "./fixtures";

export const rows = (page: Page) => page.getByRole("treeitem");
export const row = (page: Page, id: string | number) => page.locator(`[data-key="${id}"]`);
export const focused = (page: Page) => page.locator("[data-key]:focus");
export const search = (page: Page) => page.getByRole("searchbox", { name: "Search by name, pinyin or ID" });
export const people = (page: Page) => page.getByRole("listbox", { name: "Members" }).getByRole("option");
export const status = (page: Page) => page.locator("#status");

/** Opens the page and waits until its script handles keys: a row's tab stop follows the focus. */
export async function openDirectory(page: Page, app: string, query = ""): Promise<void> {
  await page.goto(`${app}/directory${query}`);
  await expect(async () => {
    await search(page).press("ArrowDown");
    await expect(focused(page)).toBeVisible({ timeout: 500 });
  }).toPass();
}
