import type { Page } from "@playwright/test";
import { expect, makePerson, test } from "./support/fixtures";
import { plantCalls } from "./support/plant-calls";
import { companyOf, plantDirectory, plantPeople } from "./support/plant-directory";
import { plantPerson } from "./support/plant-person";

const TARGET_PX = 44;
/** An element that is still animated has sizes such as 43.99998. */
const ROUNDING_PX = 0.1;

test.use({ hasTouch: true, isMobile: true, viewport: { width: 390, height: 844 } });

/** Lists touch targets of the page or its dialog below the minimum size, except links within text. */
const tooSmall = (page: Page) =>
  page.locator("main, [role=dialog]").evaluateAll((places, least) => {
    const targets = places.flatMap((place) => [
      ...place.querySelectorAll<HTMLElement>(
        "button, select, input:not([type=hidden], [type=checkbox], [type=radio]), [role=treeitem], nav a, summary",
      ),
      // The label is the touch target of a checkbox.
      ...[...place.querySelectorAll("input:is([type=checkbox], [type=radio])")].flatMap(
        ({ parentElement }) => parentElement ?? [],
      ),
    ]);
    return targets
      .map((one) => ({ name: one.ariaLabel ?? one.textContent, box: one.getBoundingClientRect() }))
      .filter(({ box }) => box.width > 0 && (box.height < least || box.width < least))
      .map(({ name, box }) => `${name} ${box.width}×${box.height}`);
  }, TARGET_PX - ROUNDING_PX);

test("touch targets are at least 44 px, and no field makes the screen zoom in", async ({ page }) => {
  const path = await plantPerson(page, makePerson());
  const app = await plantDirectory(path, companyOf(50));
  await plantCalls(path, 60);
  const pages = ["", "/settings", "/apps/new", "/api-keys/new", "/calls"].map((page) => `${path}${page}`);
  const below = [
    "token",
    "doctor",
    "settings/directory",
    "settings/mapping",
    "directory/removed",
    "directory?view=chart",
    "directory",
  ];
  for (const address of [...pages, "/account", ...below.map((page) => `${app}/${page}`)]) {
    await page.goto(address);
    await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
    expect(await tooSmall(page), address).toEqual([]);
    const sizes = await page
      .locator("main :is(input:not([type=checkbox], [type=radio]), select, textarea):visible")
      .evaluateAll((fields) => fields.map((field) => Number.parseFloat(getComputedStyle(field).fontSize)));
    expect(Math.min(16, ...sizes), address).toBe(16);
  }
  await page.getByRole("treeitem").nth(1).tap();
  await expect(page.getByRole("dialog").getByRole("button", { name: "Copy department ID" })).toBeVisible();
  expect(await tooSmall(page), "the department drawer").toEqual([]);

  await plantPeople(app, [{ id: "zhang", name: "张三", departments: [1] }]);
  await page.goto(`${app}/directory?member=zhang`);
  await expect(page.getByRole("dialog").getByRole("heading", { name: "张三" })).toBeVisible();
  expect(await tooSmall(page), "the member drawer").toEqual([]);
});
