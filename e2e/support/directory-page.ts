import AxeBuilder from "@axe-core/playwright";
import type { Page } from "@playwright/test";
import { expect } from "./fixtures";

const AXE_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

export const rows = (page: Page) => page.getByRole("treeitem");
export const row = (page: Page, id: string | number) => page.locator(`[data-key="${id}"]`);
export const focused = (page: Page) => page.locator("[data-key]:focus");
export const search = (page: Page) => page.getByRole("searchbox", { name: "Search by name or ID" });
export const status = (page: Page) => page.locator("#status");

/** Opens the page and waits until its script hears keys: a row's tab stop follows the focus. */
export async function openDirectory(page: Page, app: string, query = ""): Promise<void> {
  await page.goto(`${app}/directory${query}`);
  await expect(async () => {
    await search(page).press("ArrowDown");
    await expect(focused(page)).toBeVisible({ timeout: 500 });
  }).toPass();
}

/** axe finds nothing on the whole page. */
export async function expectNoViolations(page: Page): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).withTags(AXE_TAGS).analyze();
  expect(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])).toEqual([]);
}
