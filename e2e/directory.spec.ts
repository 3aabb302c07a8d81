import { expectNoViolations, expectNoViolationsInEveryAppearance } from "./support/axe";
import { focused, openDirectory, people, row, rows, search, status } from "./support/directory-page";
import { expect, makePerson, test } from "./support/fixtures";
import {
  companyOf,
  HOSTILE_NAMES,
  hostileBranch,
  plantDirectory,
  plantPeople,
} from "./support/plant-directory";
import { plantPerson } from "./support/plant-person";

const DOM_ROWS_MAX = 300;
const PAGE_BYTES_MAX = 200_000;

/** A company with 50 areas of 200 departments each: 10,051 in total. */
const wideCompany = () => [
  { id: 1, name: "某某集团" },
  ...Array.from({ length: 50 }, (_, area) => ({
    id: 100 + area,
    parent: 1,
    name: `Area-${area} 大区`,
    order: BigInt(area),
  })),
  ...Array.from({ length: 10_000 }, (_, index) => ({
    id: 1_000 + index,
    parent: 100 + Math.floor(index / 200),
    name: `部门 ${index}`,
    order: BigInt(index),
  })),
];

test("a tree of 10,000 departments works by keyboard, renders under 300 rows and has no axe violations", async ({
  page,
}) => {
  const app = await plantDirectory(await plantPerson(page, makePerson()), wideCompany());
  const bytes = (await (await page.request.get(`${app}/directory`)).body()).length;
  expect(bytes, "uncompressed page and payload").toBeLessThan(PAGE_BYTES_MAX);
  await openDirectory(page, app);
  await expect(page.getByText("10,051 departments")).toBeVisible();

  await expect(focused(page)).toHaveAttribute("data-key", "1");
  await expect(page.locator('[role="treeitem"][tabindex="0"]')).toHaveCount(1);
  await page.keyboard.press("ArrowRight");
  await expect(focused(page)).toHaveAttribute("data-key", "100");
  await page.keyboard.press("*");
  await expect(status(page)).toHaveText("50 departments expanded");

  await page.keyboard.press("End");
  const last = row(page, 10_999);
  await expect(last).toBeFocused();
  await expect(last).toBeInViewport();
  await expect(last).toHaveAttribute("aria-level", "3");
  await expect(last).toHaveAttribute("aria-posinset", "200");
  await expect(last).toHaveAttribute("aria-setsize", "200");
  const counts = [await rows(page).count()];
  for (const at of [0.1, 0.5, 0.9]) {
    await page.getByRole("tree").evaluate((tree, part) => {
      const scroller = tree.parentElement;
      if (scroller) scroller.scrollTop = scroller.scrollHeight * part;
    }, at);
    await expect(last, "the focused row stays in the DOM").toBeFocused();
    await expect(async () => expect(await rows(page).first().textContent()).not.toBe("")).toPass();
    counts.push(await rows(page).count());
  }
  const height = await page.getByRole("tree").evaluate((tree) => tree.clientHeight);
  expect(height, "all 10,051 rows are expanded").toBe(10_051 * 36);
  expect(Math.max(...counts)).toBeLessThan(DOM_ROWS_MAX);

  await page.keyboard.press("ArrowLeft");
  await expect(row(page, 149)).toBeFocused();
  await page.keyboard.press("ArrowLeft");
  await expect(row(page, 149)).toHaveAttribute("aria-expanded", "false");
  await page.keyboard.press("ArrowLeft");
  await expect(row(page, 1)).toBeFocused();
  await page.keyboard.press("ArrowUp");
  await expect(row(page, 1), "the focus stays on the first row").toBeFocused();
  await page.keyboard.type("area-7");
  await expect(focused(page)).toHaveText("Area-7 大区");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { level: 2, name: "Area-7 大区" })).toBeVisible();
  await page.keyboard.press("Home");
  await expect(row(page, 1)).toBeFocused();
  await expectNoViolationsInEveryAppearance(page, "the tree");
  expect(await rows(page).count(), "the branches are still expanded").toBeGreaterThan(20);
});

test("typed letters, and Han after the input method commits, move to the next name with that beginning", async ({
  page,
}) => {
  const app = await plantDirectory(await plantPerson(page, makePerson()), [
    { id: 1, name: "集团" },
    { id: 2, parent: 1, name: "Sales" },
    { id: 3, parent: 1, name: "Sandbox" },
    { id: 4, parent: 1, name: "研发" },
  ]);
  await openDirectory(page, app);
  await page.keyboard.press("s");
  await expect(row(page, 2)).toBeFocused();
  await page.keyboard.press("a");
  await page.keyboard.press("n");
  await expect(row(page, 3)).toBeFocused();

  // Reloaded, so that the letters typed before are not part of this word.
  await openDirectory(page, app);
  await row(page, 1).evaluate((one) =>
    one.dispatchEvent(new CompositionEvent("compositionend", { data: "研", bubbles: true })),
  );
  await expect(row(page, 4)).toBeFocused();
});

test("Enter selects a row, a second Enter or F6 moves to the detail, and F6 returns to the same row", async ({
  page,
}) => {
  const app = await plantDirectory(await plantPerson(page, makePerson()), companyOf(200));
  await openDirectory(page, app);
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowDown");
  await expect(page.getByText("Select a department to see its details")).toBeVisible();
  await page.keyboard.press("Enter");
  const chosen = focused(page);
  const id = (await chosen.getAttribute("data-key")) ?? "";
  await expect(chosen).toHaveAttribute("aria-selected", "true");
  const heading = page.getByRole("heading", { level: 2 });
  await expect(heading).toHaveText((await chosen.textContent()) ?? "");
  const detail = page.getByRole("region", { name: "Department details" });
  await expect(detail.getByText("2 Mar 2026, 09:02:03")).toBeVisible();
  await expect(detail.getByText("20 Nov 2026, 22:17:00")).toBeVisible();
  expect(new URL(page.url()).searchParams.get("node")).toBe(id);

  await page.keyboard.press("Enter");
  await expect(heading).toBeFocused();
  await page.keyboard.press("F6");
  await expect(row(page, id)).toBeFocused();
  await page.keyboard.press("F6");
  await expect(heading).toBeFocused();
  await page.keyboard.press("Shift+Tab");
  await expect(row(page, id), "Tab enters at the selected row").toBeFocused();

  await detail.getByRole("link", { name: "某某集团" }).click();
  await expect(heading).toHaveText("某某集团");
  await expect(heading).toBeFocused();
  await expect(detail.getByText("Top-level department")).toBeVisible();
  await expect(row(page, 1)).toHaveAttribute("aria-selected", "true");
});

test("the id is copied from the row and from the panel, and the copy is announced", async ({
  page,
  context,
}) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  const clipboard = () => page.evaluate(() => navigator.clipboard.readText());
  const app = await plantDirectory(await plantPerson(page, makePerson()), [
    { id: 1, name: "集团" },
    { id: 9_007_199_254_740_993n, parent: 1, name: "beyond 2^53" },
  ]);
  await openDirectory(page, app);
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Control+c");
  await expect(status(page)).toHaveText("Department ID copied");
  expect(await clipboard()).toBe("9007199254740993");

  await page.keyboard.press("Space");
  await page.getByRole("button", { name: "Copy parent ID" }).click();
  await expect(status(page)).toHaveText("Copied");
  expect(await clipboard()).toBe("1");
  await page.getByRole("button", { name: "Copy department ID" }).click();
  await expect.poll(clipboard).toBe("9007199254740993");
});

test("S25 a link to a department five levels down expands its path, and every name is shown as text", async ({
  page,
}) => {
  const app = await plantDirectory(await plantPerson(page, makePerson()), [
    ...companyOf(1_000),
    ...hostileBranch(90_000_001),
  ]);
  await openDirectory(page, app, "?node=603");
  await expect(row(page, 603)).toHaveAttribute("aria-level", "7");
  await expect(row(page, 603)).toBeInViewport();
  await expect(row(page, 603).getByRole("img", { name: "U+202E" })).toBeVisible();
  await expect(row(page, 600)).toHaveText(HOSTILE_NAMES.han);
  await expect(row(page, 604)).toHaveText(HOSTILE_NAMES.formula);
  await expect(row(page, 605)).toHaveText(HOSTILE_NAMES.markup);
  await expect(page.locator("main img:not([role])")).toHaveCount(0);
  await expectNoViolations(page);

  const single = await plantDirectory(new URL(page.url()).pathname.slice(0, 29), [{ id: 1, name: "集团" }]);
  await openDirectory(page, single, "?node=999");
  await expect(page.getByText("This department isn't in the directory or was removed")).toBeVisible();
});

test("on a small screen the detail is a drawer that returns the focus to the row", async ({ page }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  const app = await plantDirectory(await plantPerson(page, makePerson()), [
    ...companyOf(100),
    ...hostileBranch(90_000_001),
  ]);
  await openDirectory(page, app, "?node=601");
  const sideways = () =>
    page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  expect(await sideways()).toBe(0);
  await row(page, 600).click();
  const drawer = page.getByRole("dialog", { name: "Department details" });
  await expect(drawer.getByRole("heading", { level: 2 })).toHaveText(HOSTILE_NAMES.han);
  await expect(drawer.getByText("Department ID")).toBeVisible();
  expect(await sideways()).toBe(0);
  await drawer.getByRole("button", { name: "Back to the tree" }).click();
  await expect(drawer).toBeHidden();
  await expect(row(page, 600)).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(drawer).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(row(page, 600)).toBeFocused();
  await page.keyboard.press("F6");
  await expect(drawer.getByRole("heading", { level: 2 })).toBeFocused();
  await page.keyboard.press("F6");
  await expect(row(page, 600)).toBeFocused();

  await plantPeople(app, [{ id: "zhang", name: "张三", departments: [600] }]);
  await search(page).fill("zhangsan");
  await people(page).press("Enter");
  await expect(drawer.getByRole("heading", { level: 2, name: "张三" })).toBeFocused();
});

test("the directory of an app that was never synced offers to sync it", async ({ page }) => {
  const app = await plantDirectory(await plantPerson(page, makePerson()), [], null);
  await page.goto(`${app}/directory`);
  await expect(
    page.getByRole("heading", { name: "Departments appear here after the first sync" }),
  ).toBeVisible();
  await expect(page.getByRole("button", { name: "Sync now" })).toBeEnabled();
  await expect(page.getByRole("tree")).toHaveCount(0);
  await expectNoViolations(page);
});
