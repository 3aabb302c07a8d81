import { expect, type Page } from "@playwright/test";

/** Makes a key by the form. @param scopes the checkboxes' labels */
export async function makeApiKey(
  page: Page,
  organizationPath: string,
  name: string,
  scopes: readonly string[],
): Promise<string> {
  await page.goto(`${organizationPath}/api-keys/new`);
  await page.getByLabel("Name").fill(name);
  for (const scope of scopes) await page.getByLabel(scope, { exact: true }).check();
  await page.getByRole("button", { name: "Create an API key" }).click();
  await expect(page.getByRole("heading", { name: "This key is shown only once" })).toBeVisible();
  return (await page.locator("code").textContent()) ?? "";
}
