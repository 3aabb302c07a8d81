import type { Page } from "@playwright/test";
import { expect, makePerson, test } from "./support/fixtures";
import { plantDirectory } from "./support/plant-directory";
import { plantPerson } from "./support/plant-person";

const DEPARTMENTS = [{ id: 1, name: "集团" }];

async function chooseZone(page: Page, typed: string, label: RegExp): Promise<void> {
  const field = page.getByRole("combobox", { name: "Time zone" });
  await field.fill(typed);
  await page.getByRole("option", { name: label }).click();
  await page.locator("form", { has: field }).getByRole("button", { name: "Save" }).click();
  await expect(page.locator("#status")).toHaveText("Saved");
}

test("another time zone in the settings changes the times and the zone's name on every page", async ({
  page,
}) => {
  const path = await plantPerson(page, makePerson());
  const app = await plantDirectory(path, DEPARTMENTS);
  await page.goto(`${app}/directory?node=1`);
  const detail = page.getByRole("region", { name: "Department details" });
  await expect(detail.getByText("20 Nov 2026, 22:17:00")).toBeVisible();
  await expect(detail.getByText("Times in China Standard Time (UTC+8)")).toBeVisible();

  await page.goto(`${path}/settings`);
  await expect(page.getByRole("combobox", { name: "Time zone" })).toHaveValue(
    "China Standard Time (UTC+8) · Asia/Shanghai",
  );
  await chooseZone(page, "berlin", /^Central European Time/);
  await page.reload();
  await expect(page.getByRole("combobox", { name: "Time zone" })).toHaveValue(
    "Central European Time (UTC+1/+2) · Europe/Berlin",
  );

  await page.goto(`${app}/directory?node=1`);
  await expect(detail.getByText("20 Nov 2026, 15:17:00")).toBeVisible();
  await expect(detail.getByText("Times in Central European Time (UTC+1/+2)")).toBeVisible();
});

test("relative times stay up to date and show the full time on keyboard focus", async ({ page }) => {
  await page.clock.install();
  const organization = await plantPerson(page, makePerson());
  const fiveMinutesAgo = new Date(Date.now() - 5 * 60_000).toISOString();
  const app = await plantDirectory(organization, DEPARTMENTS, fiveMinutesAgo);
  await page.goto(`${app}/directory`);
  const time = page.locator(`main time[datetime="${fiveMinutesAgo}"]`);
  await expect(time).toHaveText("5 min ago");
  // Repeated until the page's script runs, which does not see the time before.
  await expect(async () => {
    await page.clock.fastForward("02:00");
    await expect(time).not.toHaveText("5 min ago", { timeout: 1_000 });
  }).toPass();
  await expect(time).toHaveText(/^\d+ min ago$/);

  await time.focus();
  await expect(page.getByRole("tooltip")).toHaveText(
    /^\d{1,2} [A-Z][a-z]{2} \d{4}, \d{2}:\d{2}:\d{2}, China Standard Time \(UTC\+8\)$/,
  );
  await page.keyboard.press("Escape");
  await expect(page.getByRole("tooltip")).toBeHidden();
});

test("a tap on a relative time shows the full time", async ({ browser, baseURL }) => {
  const context = await browser.newContext({
    hasTouch: true,
    isMobile: true,
    viewport: { width: 390, height: 844 },
    locale: "en-US",
    ...(baseURL && { baseURL }),
  });
  const page = await context.newPage();
  const app = await plantDirectory(
    await plantPerson(page, makePerson()),
    DEPARTMENTS,
    new Date().toISOString(),
  );
  await page.goto(`${app}/directory`);
  // The loaded page's script may not have started yet.
  await expect(async () => {
    await page.locator("main time").first().tap();
    await expect(page.getByRole("tooltip")).toBeVisible({ timeout: 1_000 });
  }).toPass();
  await context.close();
});
