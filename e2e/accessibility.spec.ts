import type { Page } from "@playwright/test";
import en from "@/messages/en.json" with { type: "json" };
import zh from "@/messages/zh-CN.json" with { type: "json" };
import { expectNoViolations, LOOKS, refresh, show } from "./support/axe";
import { focused, rows } from "./support/directory-page";
import { expect, makePerson, test } from "./support/fixtures";
import { companyOf, plantDirectory } from "./support/plant-directory";
import { plantPerson } from "./support/plant-person";
import { builtPages, fillRoute, type Ids } from "./support/routes";
import { SIMULATED_APP } from "./support/simulated-app";
import { syncApp } from "./support/synced-app";

const WORDS = { en, "zh-CN": zh };
/** It leads on to another page. */
const START = "/";

const isSignedOut = (route: string) => /^\/(sign|set)/.test(route);
const isOfApp = (route: string) => route.includes("[app]");
const pages = () => builtPages().filter((route) => route !== START);

/** Looks at pages in both languages and both schemes. */
async function lookAt(page: Page, paths: readonly string[]): Promise<void> {
  expect(paths.length).toBeGreaterThan(2);
  for (const path of paths) {
    for (const look of LOOKS) {
      await show(page, look);
      await (look === LOOKS[0] ? page.goto(path) : refresh(page));
      await expect(page.locator("html")).toHaveAttribute("lang", look.language);
      await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
      await expectNoViolations(page, `${path} ${look.language}`);
    }
  }
}

test("axe finds nothing on the pages before one is signed in, nor on the page that isn't there", async ({
  page,
}) => {
  await page.goto("/sign-in");
  await lookAt(page, [...pages().filter(isSignedOut), "/no-such-page"]);
});

test("axe finds nothing on the pages of an organization without an app", async ({ page }) => {
  test.setTimeout(120_000);
  const organization = (await plantPerson(page, makePerson())).split("/")[2] ?? "";
  const ids: Ids = { organization, app: "", run: "" };
  const empty = pages().filter((route) => !isSignedOut(route) && !isOfApp(route));
  await lookAt(page, [...empty.map((route) => fillRoute(route, ids)), `/o/${organization}/no-such-page`]);
});

test("axe finds nothing on the pages of an organization with an app", async ({ page }) => {
  test.setTimeout(240_000);
  const ids = await syncApp(page, await plantPerson(page, makePerson()));
  const filled = ["/o/[organization]", "/o/[organization]/apps", ...pages().filter(isOfApp)];
  await lookAt(
    page,
    filled.map((route) => fillRoute(route, ids)),
  );
});

test("axe finds nothing where a menu or a dialog is open, or a fault is shown", async ({ page }) => {
  test.setTimeout(120_000);
  const path = await plantPerson(page, makePerson());
  for (const look of LOOKS) {
    const { language } = look;
    const { nav, app, settings } = WORDS[language];
    await show(page, look);
    await page.goto(path);
    await page.getByRole("button", { name: nav.accountMenu }).click();
    await expect(page.getByRole("menu")).toBeVisible();
    await expectNoViolations(page, `the account menu ${language}`);

    await page.goto(`${path}/apps/new`);
    await page.getByLabel(app.appKey).fill(SIMULATED_APP.appKey);
    await page.getByLabel(app.appSecret).fill("not-the-secret");
    await page.getByRole("button", { name: app.test }).click();
    await expect(page.getByRole("region", { name: app.testResult })).toBeVisible();
    await expectNoViolations(page, `a test that failed ${language}`);

    await page.goto(`${path}/settings`);
    await page.getByRole("button", { name: settings.delete }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByRole("button", { name: settings.delete }).click();
    await expect(dialog.locator("[aria-invalid=true]")).toBeFocused();
    await expectNoViolations(page, `the typed confirmation with its error ${language}`);
  }
});

test("axe finds nothing on a tree of 10,000 departments with its branches open and a detail", async ({
  page,
}) => {
  test.setTimeout(120_000);
  const app = await plantDirectory(await plantPerson(page, makePerson()), companyOf(10_000));
  for (const look of LOOKS) {
    const { language } = look;
    await show(page, look);
    await page.goto(`${app}/directory`);
    const search = page.getByRole("searchbox", { name: WORDS[language].directory.search });
    await expect(async () => {
      await search.press("ArrowDown");
      await expect(focused(page)).toBeVisible({ timeout: 500 });
    }).toPass();
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("*");
    await expect.poll(() => rows(page).count()).toBeGreaterThan(20);
    await page.keyboard.press("Enter");
    await expect(page.getByRole("heading", { level: 2 }).first()).toBeVisible();
    await expectNoViolations(page, `the tree ${language}`);
  }
});
