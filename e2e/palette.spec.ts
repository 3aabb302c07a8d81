import type { Page } from "@playwright/test";
import { parsePublicId } from "@/lib/public-id";
import { expectNoViolations } from "./support/axe";
import { withDatabase } from "./support/database";
import { expect, makePerson, test } from "./support/fixtures";
import { visibleText } from "./support/page-text";
import { heading, openPalette, palette } from "./support/palette";
import { companyOf, plantDirectory, plantPeople } from "./support/plant-directory";
import { plantPerson } from "./support/plant-person";

/** The active option, as announced to screen readers. */
const selected = (page: Page) => page.locator('[role="option"][aria-selected="true"]');

test("the palette opens every page by keyboard in both languages and returns the focus", async ({ page }) => {
  const path = await plantPerson(page, makePerson());
  const app = await plantDirectory(path, companyOf(60), new Date().toISOString());
  await page.goto(path);

  const field = page.getByRole("button", { name: "Search or jump to…" });
  await field.focus();
  await openPalette(page);
  await expect(selected(page)).toHaveText("Overview");
  await page.keyboard.press("Escape");
  await expect(field).toBeFocused();

  await openPalette(page);
  await page.keyboard.type("dir");
  await expect(selected(page)).toContainText("Directory");
  expect(await selected(page).getAttribute("id")).toBe(
    await palette(page).getAttribute("aria-activedescendant"),
  );
  await page.keyboard.press("Enter");
  await page.waitForURL(`**${app}/directory`);
  await expect(heading(page)).toBeFocused();

  await openPalette(page);
  await page.keyboard.type("settings");
  const first = await selected(page).getAttribute("id");
  await page.keyboard.press("ArrowDown");
  await expect(selected(page)).not.toHaveId(first ?? "");
  await expect(palette(page)).toHaveAttribute(
    "aria-activedescendant",
    (await selected(page).getAttribute("id")) ?? "none",
  );
  await page.keyboard.press("Escape");

  await openPalette(page);
  await page.keyboard.type("token");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowUp");
  await page.keyboard.press("Enter");
  await page.waitForURL(`**${app}/token`);

  await openPalette(page);
  await page.keyboard.type("language");
  await page.keyboard.press("Enter");
  await expect(page.locator("html")).toHaveAttribute("lang", "zh-CN");

  for (const [typed, where] of [
    ["mulu", "directory"],
    ["lp", "token"],
    ["设置", "settings"],
  ] as const) {
    await openPalette(page, "搜索与命令");
    await page.keyboard.type(typed);
    await expect(selected(page)).toHaveCount(1);
    await page.keyboard.press("Enter");
    await page.waitForURL(`**/${where}`);
    await expect(heading(page)).toBeFocused();
  }
});

test("the palette finds departments and people of the open app with their path, and opens one", async ({
  page,
}) => {
  const path = await plantPerson(page, makePerson());
  const app = await plantDirectory(path, companyOf(60), new Date().toISOString());
  await plantPeople(app, [{ id: "u1", name: "项尚", departments: [90_000_001] }]);
  await page.goto(app);
  await openPalette(page);
  await page.keyboard.type("xiangs");
  const group = page.getByRole("group", { name: "Departments and members" });
  await expect(group.getByRole("option")).toHaveText([/^项尚某某集团 › /]);
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/directory\?node=90000001&member=u1$/);

  await page.goto(app);
  await openPalette(page);
  await page.keyboard.type("华北销售");
  const first = group.getByRole("option").first();
  await expect(first).toContainText("华北销售");
  await expect(first).toContainText("某某集团");
  await expectNoViolations(page);

  await expect(selected(page)).toContainText("华北销售");
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/directory\?node=\d+$/);
  await expect(page.getByRole("treeitem", { selected: true })).toContainText("华北销售");
});

test("a command that changes something opens its page with the focus on the button", async ({ page }) => {
  const path = await plantPerson(page, makePerson());
  const app = await plantDirectory(path, companyOf(3), new Date().toISOString());
  await page.goto(path);
  await openPalette(page);
  await page.keyboard.type("sync now");
  await page.keyboard.press("Enter");
  await page.waitForURL(`**${app}`);
  await expect(page.getByRole("button", { name: "Sync now" })).toBeFocused();
  expect(await visibleText(page, `${app}/syncs`)).toContain("No syncs yet");
});

test("the palette hides commands that the role does not allow", async ({ page }) => {
  const path = await plantPerson(page, makePerson());
  await plantDirectory(path, companyOf(3), new Date().toISOString());
  await withDatabase((client) =>
    client.query("UPDATE memberships SET role = 'viewer' WHERE organization_id = $1", [
      parsePublicId(path.split("/")[2] ?? ""),
    ]),
  );
  await page.goto(path);
  await openPalette(page);
  await expect(page.getByRole("option", { name: "Overview" })).toBeVisible();
  for (const name of ["Connect an app", "Sync now"])
    await expect(page.getByRole("option", { name })).toHaveCount(0);
  const response = await page.goto(`${path}/apps/new`);
  expect(response?.status()).toBe(403);
  await expect(heading(page)).toHaveText("Not allowed");
  await expect(page.getByRole("navigation", { name: "Main navigation" })).toBeVisible();
});
