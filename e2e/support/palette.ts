import { expect, type Page } from "@playwright/test";

/** Returns the palette's search field. */
export const palette = (page: Page, name = "Search and commands") => page.getByRole("combobox", { name });

/** Opens the palette by keyboard, once the page's script handles keys. */
export async function openPalette(page: Page, name?: string): Promise<void> {
  await expect(async () => {
    await page.keyboard.press("ControlOrMeta+K");
    await expect(palette(page, name)).toBeFocused({ timeout: 1_000 });
  }).toPass();
}

export const heading = (page: Page) => page.getByRole("heading", { level: 1 });
