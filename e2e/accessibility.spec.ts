import type { Page } from "@playwright/test";
import {
  APPEARANCES,
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
const isOfApp = (route: string) => route.includes("[app]");
const pages = () => builtPages().filter((route) => route !== START);

async function checkPages(page: Page, paths: readonly string[]): Promise<void> {
  expect(paths.length).toBeGreaterThan(2);
  for (const path of paths) {
    for (const appearance of APPEARANCES) {
      if (appearance === APPEARANCES[0]) {
        await setAppearance(page, appearance);
        await page.goto(path);
        await expect(page.locator("html")).toHaveAttribute("lang", appearance.language);
      } else {
        await switchAppearance(page, appearance);
      }
      await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
      await expectNoViolations(page, `${path} ${appearance.language}`);
    }
  }
}

test("axe finds nothing on the pages before the sign-in and on the 404 page", async ({ page }) => {
  await page.goto("/sign-in");
  await checkPages(page, [...pages().filter(isSignedOut), "/no-such-page"]);
});

test("axe finds nothing on the pages of an organization without an app", async ({ page }) => {
  test.setTimeout(120_000);
  const organization = (await plantPerson(page, makePerson())).split("/")[2] ?? "";
  const ids: Ids = { organization, app: "", run: "", event: "" };
  const empty = pages().filter((route) => !isSignedOut(route) && !isOfApp(route));
  await checkPages(page, [...empty.map((route) => fillRoute(route, ids)), `/o/${organization}/no-such-page`]);
});

test("axe finds nothing on the pages of an organization with an app", async ({ page }) => {
  test.setTimeout(240_000);
  const organization = await plantPerson(page, makePerson());
  const ids = await syncApp(page, organization, await makeSimulatedCompany(20));
  const filled = ["/o/[organization]", "/o/[organization]/apps", ...pages().filter(isOfApp)];
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
