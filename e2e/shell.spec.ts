import type { Page } from "@playwright/test";
import { parsePublicId } from "@/lib/public-id";
import { withDatabase } from "./support/database";
import { expect, makePerson, signUpByForm, test } from "./support/fixtures";
import { heading, palette } from "./support/palette";
import { companyOf, plantDirectory } from "./support/plant-directory";
import { plantPerson, plantSession } from "./support/plant-person";

const crumbs = (page: Page, name = "Breadcrumb") => page.getByRole("navigation", { name });

test("breadcrumbs link to parent pages and reveal nothing on the 404 page", async ({ page }) => {
  const path = await plantPerson(page, makePerson());
  const app = await plantDirectory(path, companyOf(3), new Date().toISOString());
  await page.goto(`${app}/token`);
  await expect(crumbs(page).getByRole("listitem")).toHaveText(["Apps", "生产通讯录", "Token"]);
  await expect(crumbs(page).locator('[aria-current="page"]')).toHaveText("Token");
  await crumbs(page).getByRole("link", { name: "生产通讯录" }).click();
  await page.waitForURL(`**${app}`);
  await expect(heading(page)).toBeFocused();
  await expect(page).toHaveTitle(/^生产通讯录 · /);

  await page.goto(`${path}/apps/01890000-0000-7000-8000-000000000000`);
  await expect(heading(page)).toHaveText("Page not found");
  await expect(crumbs(page)).toHaveCount(0);

  await page.setViewportSize({ width: 390, height: 844 });
  await page.goto(`${app}/token`);
  await expect(crumbs(page).getByRole("listitem").filter({ visible: true })).toHaveText(["Token"]);
});

test("the focus moves to the heading after each navigation and not after a change of the query", async ({
  page,
}) => {
  const path = await signUpByForm(page, makePerson());
  await expect(heading(page)).toBeFocused();

  await page.getByRole("link", { name: "Settings", exact: true }).click();
  await page.waitForURL("**/settings");
  await expect(heading(page)).toBeFocused();
  await expect(heading(page)).toHaveText("Settings");
  await page.goBack();
  await page.waitForURL(`**${path}`);
  await expect(heading(page)).toBeFocused();

  const app = await plantDirectory(path, companyOf(60), new Date().toISOString());
  await page.goto(`${app}/directory`);
  const row = page.getByRole("treeitem").first();
  await expect(async () => {
    await row.click();
    await expect(page).toHaveURL(/\?node=/, { timeout: 1_000 });
  }).toPass();
  await expect(row).toBeFocused();

  await page.getByRole("button", { name: "Account menu" }).click();
  await page.getByRole("menuitem", { name: "Sign out" }).click();
  await page.waitForURL("**/sign-in");
  await expect(heading(page)).toBeFocused();
});

test("the heading gets the focus when the focused element is removed", async ({ page, newBrowser }) => {
  const person = makePerson();
  const path = await plantPerson(page, person);
  const other = await newBrowser();
  await plantSession(other, person.email);

  await page.goto("/account");
  await page.getByRole("button", { name: "Sign out Chrome · Linux" }).click();
  await expect(page.locator("#status")).toHaveText("Chrome · Linux was signed out");
  await expect(page.getByText("This device")).toBeVisible();
  await expect(page.getByRole("button", { name: /^Sign out/ })).toHaveCount(0);
  await expect(heading(page)).toBeFocused();
  const answer = await other.request.get(path, { maxRedirects: 0 });
  expect(answer.headers().location).toMatch(/^\/sign-in/);
});

test("a user creates a second organization with a name only and switches between both", async ({ page }) => {
  const person = makePerson();
  const path = await plantPerson(page, person);
  await page.goto(path);
  await page.getByRole("button", { name: "Account menu" }).click();
  await page.getByRole("menuitem", { name: "Create another organization" }).click();
  await page.waitForURL("**/organizations/new");
  await expect(heading(page)).toBeFocused();
  await expect(page.getByRole("textbox")).toHaveCount(1);
  await page.getByRole("button", { name: "Create organization" }).click();
  await expect(page.getByText("This field is required")).toBeVisible();
  await page.getByLabel("Organization").fill("第二家");
  await page.getByRole("button", { name: "Create organization" }).click();
  await page.waitForURL(/\/o\/[0-9a-z]{26}$/);
  const second = new URL(page.url()).pathname;
  expect(second).not.toBe(path);
  await expect(heading(page)).toBeFocused();

  // Chromium persists storage after the script continues.
  await expect
    .poll(async () => (await page.context().cookies()).find(({ name }) => name === "dingkeep.organization"))
    .toMatchObject({ value: second.split("/")[2] });
  await page.goto("/account");
  const switcher = page.getByRole("button", { name: "Switch organization: 第二家" });
  await expect(switcher, "the account page keeps the last organization").toBeVisible();
  await switcher.click();
  await expect(page.getByRole("menuitem")).toHaveText([
    person.organization,
    "Create another organization",
    "Settings",
  ]);
  await page.getByRole("menuitem", { name: person.organization }).click();
  await page.waitForURL(`**${path}`);

  await page.goto("/sign-up");
  await expect(page, "sign-up of a signed-in user").toHaveURL(/\/organizations\/new$/);
  await page.goto("/");
  await expect(page, "the start page redirects to the last organization").toHaveURL(new RegExp(`${path}$`));
});

test("on a phone the navigation is a drawer that Escape closes and that blocks the page behind it", async ({
  page,
}) => {
  await page.setViewportSize({ width: 320, height: 640 });
  const path = await plantPerson(page, makePerson());
  await page.goto(path);
  const main = page.locator("main");
  const burger = page.getByRole("button", { name: "Open navigation" });
  const settings = page.getByRole("link", { name: "Settings", exact: true });
  await expect(settings).toBeHidden();
  await expect(async () => {
    await burger.click();
    await expect(settings).toBeVisible({ timeout: 1_000 });
  }).toPass();
  await expect(main).toHaveAttribute("inert");
  await page.keyboard.press("Escape");
  await expect(settings).toBeHidden();
  await expect(burger).toBeFocused();
  await expect(main).not.toHaveAttribute("inert");

  await burger.click();
  await page.getByRole("button", { name: "Search or jump to…" }).click();
  await expect(palette(page)).toBeFocused();
  await page.keyboard.type("settings");
  await page.keyboard.press("Enter");
  await page.waitForURL(`**${path}/settings`);
  await expect(settings).toBeHidden();
  await expect(heading(page)).toBeFocused();
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(320);
});

test("a failed page shows an id to copy without the cause, and can be retried", async ({ page, browser }) => {
  const path = await plantPerson(page, makePerson());
  const setZone = (zone: string) =>
    withDatabase((client) =>
      client.query("UPDATE organization SET time_zone = $2 WHERE organization_id = $1", [
        parsePublicId(path.split("/")[2] ?? ""),
        zone,
      ]),
    );
  const app = await plantDirectory(path, companyOf(3), new Date().toISOString());
  await setZone("No/Where");
  // A browser without the fixture's checks, because the page logs an error on the console.
  const context = await browser.newContext({ storageState: await page.context().storageState() });
  const failed = await context.newPage();
  const response = await failed.goto(app);
  expect(response?.status()).toBe(500);
  await expect(heading(failed)).toHaveText("Something went wrong");
  await expect(failed.getByRole("button", { name: "Copy request ID" })).toBeVisible();
  expect(await failed.content()).not.toMatch(/RangeError|No\/Where|at \w+ \(/);

  await setZone("Asia/Shanghai");
  await failed.getByRole("button", { name: "Try again" }).click();
  await expect(heading(failed)).toHaveText("生产通讯录");
  await context.close();
});

test("a page under another host name redirects to Dingkeep's address", async ({ page, baseURL }) => {
  const own = new URL(baseURL ?? "");
  await page.goto(`http://localhost:${own.port}/sign-in?next=/account`);
  expect(page.url()).toBe(`${own.origin}/sign-in?next=/account`);
  const health = await page.request.get(`http://localhost:${own.port}/healthz`, { maxRedirects: 0 });
  expect(health.status()).toBe(200);
});
