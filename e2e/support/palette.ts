import { expect, type Page } from "@playwright/test";

/** The palette's field, which has the focus while it is open. */
export const palette = (page: Page, name = "Search and commands") => page.getByRole("combobox", { name });

/** Opens the palette by its keys, once the page's script hears them. */
export async function openPalette(page: Page, name?: string): Promise<void> {
  await expect(async () => {
    await page.keyboard.press("ControlOrMeta+K");
    await expect(palette(page, name)).toBeFocused({ timeout: 1_000 });
  }).toPass();
}

/** Where a page begins, and the focus after a step. */
export const heading = (page: Page) => page.getByRole("heading", { level: 1 });
