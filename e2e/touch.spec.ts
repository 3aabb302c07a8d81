import type { Page } from "@playwright/test";
import { expect, makePerson, signUp, test } from "./support/fixtures";
import { companyOf, plantDirectory } from "./support/plant-directory";

const TARGET_PX = 44;

test.use({ hasTouch: true, isMobile: true, viewport: { width: 390, height: 844 } });

/** What can be pressed in the page or its dialog and is smaller than a finger; links in a line of text aside. */
const tooSmall = (page: Page) =>
  page.locator("main, [role=dialog]").evaluateAll((places, least) => {
    const pressed = places.flatMap((place) => [
      ...place.querySelectorAll<HTMLElement>(
        "button, select, input:not([type=hidden]), [role=treeitem], nav a",
      ),
    ]);
    return pressed
      .map((one) => ({ name: one.ariaLabel ?? one.textContent, box: one.getBoundingClientRect() }))
      .filter(({ box }) => box.width > 0 && (box.height < least || box.width < least))
      .map(({ name, box }) => `${name} ${box.width}×${box.height}`);
  }, TARGET_PX);

test("under a finger what can be pressed is 44 px, and no field makes the screen zoom in", async ({
  page,
}) => {
  const path = await signUp(page, makePerson());
  const app = await plantDirectory(path, companyOf(50));
  for (const address of [`${path}/settings`, "/account", `${app}/directory`]) {
    await page.goto(address);
    await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
    expect(await tooSmall(page), address).toEqual([]);
    const sizes = await page
      .locator("main input:visible, main select:visible")
      .evaluateAll((fields) => fields.map((field) => Number.parseFloat(getComputedStyle(field).fontSize)));
    expect(Math.min(...sizes), address).toBeGreaterThanOrEqual(16);
  }
  await page.getByRole("treeitem").nth(1).tap();
  await expect(page.getByRole("dialog").getByRole("button", { name: "Copy department ID" })).toBeVisible();
  expect(await tooSmall(page), "the drawer").toEqual([]);
});
