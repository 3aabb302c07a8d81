import { readFile } from "node:fs/promises";
import type { Page } from "@playwright/test";
import { expectNoViolationsInEveryAppearance } from "./support/axe";
import { withDatabase } from "./support/database";
import { expect, makePerson, test } from "./support/fixtures";
import { plantDirectory, plantPeople } from "./support/plant-directory";
import { plantPerson } from "./support/plant-person";
import { idsOf } from "./support/plant-run";

const GROUP = 1;
const SALES = 2;
const EAST = 3;

/** 120 people: 100 in sales, 80 of them in its eastern branch, and 20 in finance, of whom one has a hostile name. */
async function plantCompany(page: Page): Promise<string> {
  const app = await plantDirectory(await plantPerson(page, makePerson()), [
    { id: GROUP, name: "某某集团" },
    { id: SALES, parent: GROUP, name: "销售中心", order: 1n },
    { id: EAST, parent: SALES, name: "华东大区 {a|b}", order: 1n },
    { id: 4, parent: EAST, name: "销售\u202Etxt.exe" },
    { id: 5, parent: GROUP, name: "Finance <b>&", order: 2n },
  ]);
  await plantPeople(app, [{ id: "u1", name: "张三", departments: [EAST] }]);
  await withDatabase(async (client) => {
    const counts = [
      [GROUP, 0, 120],
      [SALES, 20, 100],
      [EAST, 70, 80],
      [4, 10, 10],
      [5, 20, 20],
    ];
    await client.query(
      `INSERT INTO department_count (organization_id, app_id, department_id, direct, total)
       SELECT $1, $2, * FROM unnest($3::bigint[], $4::int[], $5::int[])`,
      [...idsOf(app), ...[0, 1, 2].map((column) => counts.map((one) => one[column]))],
    );
    await client.query(
      `UPDATE department SET details = '{"dept_manager_userid_list": ["u1"]}'
       WHERE organization_id = $1 AND app_id = $2 AND department_id = 3`,
      idsOf(app),
    );
    await client.query(
      `INSERT INTO change_set (organization_id, id, app_id, cause, revision, applied_at, departments, members)
       SELECT $1, gen_random_uuid(), $2, 'run', n, now() - (4 - n) * interval '1 day', 2 + n, 100 * n
       FROM generate_series(1, 3) n`,
      idsOf(app),
    );
  });
  return app;
}

const heading = (page: Page) => page.getByRole("heading", { level: 2 });
const openTable = async (page: Page, name: string) => page.locator("summary", { hasText: name }).click();
/** Returns true if the canvas has several colors. */
const isDrawn = (page: Page) =>
  page.locator("canvas").evaluate((canvas: HTMLCanvasElement) => {
    const { data } = canvas.getContext("2d")?.getImageData(0, 0, canvas.width, canvas.height) ?? { data: [] };
    return new Set(new Uint32Array((data as Uint8ClampedArray).buffer)).size > 3;
  });

test("in treemap and sunburst a click opens a department, and a table has the same numbers and works by keyboard", async ({
  page,
}) => {
  const app = await plantCompany(page);
  await page.goto(`${app}/directory`);
  await page.getByRole("link", { name: "Treemap" }).click();
  await expect(heading(page)).toHaveText("某某集团");
  await expect(page.getByText("120 members · 0 direct")).toBeVisible();
  await expect.poll(() => isDrawn(page)).toBe(true);
  await expect(page.getByRole("img", { name: /^Treemap of 某某集团/ })).toBeVisible();

  // The title of the largest box, sales.
  await page.locator("canvas").click({ position: { x: 60, y: 12 } });
  await expect(heading(page)).toHaveText("销售中心");
  await expect(heading(page)).toBeFocused();
  expect(new URL(page.url()).searchParams.get("node")).toBe(String(SALES));
  await page.getByRole("navigation", { name: "Path in the chart" }).getByRole("link").click();
  await expect(heading(page)).toHaveText("某某集团");
  await page.goBack();
  await expect(heading(page)).toHaveText("销售中心");
  await page.goBack();

  await page.locator("summary").press("Enter");
  await expect(page.getByRole("row")).toHaveText([
    "DepartmentDirectTotalShare",
    "销售中心2010083.3%",
    "华东大区 {a|b}708066.7%",
    /销售.*txt\.exe10108.3%/,
    "Finance <b>&202016.7%",
  ]);
  await expectNoViolationsInEveryAppearance(page, "treemap");
  await page.locator(`[data-go="${EAST}"]`).press("Enter");
  await expect(heading(page)).toHaveText("华东大区 {a|b}");
  await expect(heading(page)).toBeFocused();

  await page.getByRole("link", { name: "Sunburst" }).click();
  await expect(page.getByRole("img", { name: /^Sunburst of 华东大区/ })).toBeVisible();
  await page.getByRole("link", { name: "某某集团" }).click();
  await expect(heading(page)).toHaveText("某某集团");
  await expect.poll(() => isDrawn(page)).toBe(true);
  await expect(page.getByRole("row"), "the table is still open").toHaveCount(5);
  await expectNoViolationsInEveryAppearance(page, "sunburst");
  const box = await page.locator("canvas").boundingBox();
  // Right of the center on the inner ring: segments start at the top, and sales has 300 of 360 degrees.
  const radius = Math.min(box?.width ?? 0, box?.height ?? 0) / 2;
  await page
    .locator("canvas")
    .click({ position: { x: (box?.width ?? 0) / 2 + radius * 0.25, y: (box?.height ?? 0) / 2 } });
  await expect(heading(page)).toHaveText("销售中心");

  await page.goto(`${app}/directory?view=treemap&node=5`);
  await expect(page.getByText("This department has no sub-departments.")).toBeVisible();
  await page.goto(`${app}/directory?view=treemap&node=99`);
  await page.getByRole("button", { name: "Show all departments" }).click();
  await expect(heading(page)).toHaveText("某某集团");
});

test("the growth chart has a table with every point", async ({ page }) => {
  const app = await plantCompany(page);
  await page.goto(`${app}/directory?view=growth`);
  await expect.poll(() => isDrawn(page)).toBe(true);
  await openTable(page, "Show as a table");
  await expect(page.getByRole("row")).toHaveText([/^Time/, /3005$/, /2004$/, /1003$/]);
  await expectNoViolationsInEveryAppearance(page, "growth");
});

test("the org chart works by keyboard, names managers, and is saved as a self-contained file", async ({
  page,
}) => {
  const app = await plantCompany(page);
  await page.goto(`${app}/directory?view=chart`);
  const items = page.getByRole("treeitem");
  await expect(items).toHaveCount(5);
  await expectNoViolationsInEveryAppearance(page, "the org chart");
  await items.first().focus();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowDown");
  const east = page.locator(`[data-box="${EAST}"]`);
  await expect(east).toBeFocused();
  await expect(east).toHaveAccessibleName(/华东大区.*Managers: 张三.*80 members/);
  await page.keyboard.press("Enter");
  await expect(items).toHaveCount(4);
  await expect(east).toHaveAttribute("aria-expanded", "false");
  await page.keyboard.press("Enter");
  await expect(items).toHaveCount(5);
  await page.keyboard.press("ArrowLeft");
  await page.keyboard.press("ArrowLeft");
  await expect(page.locator(`[data-box="${SALES}"]`)).toBeFocused();
  await page.locator(`[data-box="${SALES}"]`).click();
  await expect(items, "a click folds as well").toHaveCount(3);
  await page.locator(`[data-box="${SALES}"]`).click();

  await page.emulateMedia({ media: "print" });
  await expect(page.getByRole("button", { name: "Sync now" })).toBeHidden();
  await expect(page.locator(`[data-box="${SALES}"]`)).toBeVisible();
  await page.emulateMedia({ media: "screen" });

  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("button", { name: "Download SVG" }).click(),
  ]);
  // Chromium without a locale can't render Chinese names
  expect(download.suggestedFilename()).toMatch(/\.svg$|^download$/);
  const file = await readFile(await download.path(), "utf8");
  expect(file).toContain("张三");
  expect(file).not.toMatch(/var\(|class=|tabindex|role=|\u202E/);
  const shapes = await page.evaluate((text) => {
    const parsed = new DOMParser().parseFromString(text, "image/svg+xml");
    return [parsed.documentElement.tagName, parsed.querySelectorAll('rect[stroke="#7c8493"]').length];
  }, file);
  expect(shapes, "folded boxes are left out").toEqual(["svg", 4]);
});
