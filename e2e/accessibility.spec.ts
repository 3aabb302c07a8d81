import type { Page } from "@playwright/test";
import {
  APPEARANCES,
  type Appearance,
  expectNoOtherViolations,
  expectNoViolations,
  expectNoViolationsInEveryAppearance,
  setAppearance,
  switchAppearance,
} from "./support/axe";
import { expect, makePerson, test } from "./support/fixtures";
import { makeSimulatedCompany } from "./support/own-app";
import { plantPerson } from "./support/plant-person";
import { builtPages, fillRoute, type Ids } from "./support/routes";
import { SIMULATED_APP, testConnection } from "./support/simulated-app";
import { syncApp } from "./support/synced-app";

/** Only redirects. */
const START = "/";

const isSignedOut = (route: string) => /^\/(sign|set)/.test(route);
const isOfObject = (route: string) => /\[(?:app|webhook)\]/.test(route);
const pages = () => builtPages().filter((route) => route !== START);

/** Opens a page like a link does. A page load would start Next and axe again, which takes longer than the check. */
async function followLink(page: Page, path: string): Promise<void> {
  await page.evaluate((address) => window.next.router.push(address), path);
  await page.waitForURL(({ pathname }) => pathname === path);
}

/** Checks each page in both appearances. Each page opens in that of the page before, which saves a switch. */
async function checkPages(page: Page, [first = "", ...others]: readonly string[]): Promise<void> {
  expect(others.length).toBeGreaterThan(1);
  let [shown, other] = APPEARANCES;
  await setAppearance(page, shown);
  await page.goto(first);
  for (const path of [first, ...others]) {
    if (path !== first) await followLink(page, path);
    await expectShown(page, shown);
    await expectNoViolations(page, `${path} ${shown.language}`);
    await switchAppearance(page, other);
    await expectShown(page, other);
    await expectNoOtherViolations(page, `${path} ${other.language}`);
    [shown, other] = [other, shown];
  }
}

async function expectShown(page: Page, { language }: Appearance): Promise<void> {
  await expect(page.locator("html")).toHaveAttribute("lang", language);
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
}

test("axe finds nothing on the pages before the sign-in and on the 404 page", async ({ page }) => {
  await page.goto("/sign-in");
  await checkPages(page, [...pages().filter(isSignedOut), "/no-such-page"]);
});

test("axe finds nothing on the pages of an organization without an app", async ({ page }) => {
  test.setTimeout(120_000);
  const organization = (await plantPerson(page, makePerson())).split("/")[2] ?? "";
  const ids: Ids = { organization, app: "", run: "", event: "", webhook: "", attempt: "" };
  const empty = pages().filter((route) => !isSignedOut(route) && !isOfObject(route));
  await checkPages(page, [...empty.map((route) => fillRoute(route, ids)), `/o/${organization}/no-such-page`]);
});

test("axe finds nothing on the pages of an organization with an app", async ({ page }) => {
  test.setTimeout(240_000);
  const organization = await plantPerson(page, makePerson());
  const ids = await syncApp(page, organization, await makeSimulatedCompany(20));
  const filled = [
    "/o/[organization]",
    "/o/[organization]/apps",
    "/o/[organization]/webhooks",
    ...pages().filter(isOfObject),
  ];
  await checkPages(
    page,
    filled.map((route) => fillRoute(route, ids)),
  );
});

test("axe finds nothing on open menus, open dialogs and error panels", async ({ page }) => {
  const path = await plantPerson(page, makePerson());
  await page.goto(path);
  await page.getByRole("button", { name: "Account menu" }).click();
  await expect(page.getByRole("menu")).toBeVisible();
  await expectNoViolationsInEveryAppearance(page, "the account menu");
  await expect(page.getByRole("menu"), "the menu is still open").toBeVisible();

  await testConnection(page, path, { ...SIMULATED_APP, appSecret: "not-the-secret" });
  await expectNoViolationsInEveryAppearance(page, "a failed connection test");
  await expect(page.getByRole("region", { name: "Test result" })).toBeVisible();

  await page.goto(`${path}/settings`);
  await page.getByRole("button", { name: "Delete organization" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("button", { name: "Delete organization" }).click();
  await expect(dialog.locator("[aria-invalid=true]")).toBeFocused();
  await expectNoViolationsInEveryAppearance(page, "the typed confirmation with its error");
  await expect(dialog.locator("[aria-invalid=true]")).toBeVisible();
});
