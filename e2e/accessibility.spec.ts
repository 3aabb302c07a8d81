import AxeBuilder from "@axe-core/playwright";
import type { Page } from "@playwright/test";
import { expect, makePerson, signUp, test } from "./support/fixtures";
import { connectApp, SIMULATED_APP, testConnection } from "./support/simulated-app";

const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
const LANGUAGES = ["zh-CN", "en"] as const;
const SCHEMES = ["light", "dark"] as const;

/** Nothing is let through: a rule that has to be, would stand here with its reason and its end. */
async function expectNoViolation(page: Page, what: string): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).withTags(TAGS).analyze();
  const found = violations.map(
    ({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(" ")).join(", ")}`,
  );
  expect(found, what).toEqual([]);
}

/** Looks at a page in both languages and both schemes. */
async function lookAt(page: Page, path: string): Promise<void> {
  const { origin } = new URL(page.url());
  for (const language of LANGUAGES) {
    await page.context().addCookies([{ name: "dingkeep.locale", value: language, url: origin }]);
    for (const scheme of SCHEMES) {
      await page.emulateMedia({ colorScheme: scheme });
      await page.goto(path);
      await expect(page.locator("html")).toHaveAttribute("lang", language);
      await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
      await expectNoViolation(page, `${path} ${language} ${scheme}`);
    }
  }
  await page.context().addCookies([{ name: "dingkeep.locale", value: "en", url: origin }]);
}

test("axe finds nothing on the pages before one is signed in, nor on the page that isn't there", async ({
  page,
}) => {
  await page.goto("/sign-in");
  for (const path of ["/sign-in", "/sign-up", "/set-password", "/no-such-page"]) await lookAt(page, path);
});

test("axe finds nothing on the pages of an organization without an app", async ({ page }) => {
  test.setTimeout(120_000);
  const path = await signUp(page, makePerson());
  for (const one of [path, `${path}/apps`, `${path}/apps/new`, `${path}/settings`, "/account"])
    await lookAt(page, one);
});

test("axe finds nothing on the pages of an app", async ({ page }) => {
  test.setTimeout(240_000);
  const path = await signUp(page, makePerson());
  const app = await connectApp(page, path);
  await page.goto(`${app}/syncs`);
  const run = (await page.getByRole("link", { name: "Sync #1" }).getAttribute("href")) ?? "";
  for (const one of [path, app, `${app}/settings`, `${app}/token`, `${app}/syncs`, `${app}/directory`, run])
    await lookAt(page, one);
});

test("axe finds nothing where a menu or a dialog is open, or a fault is shown", async ({ page }) => {
  const path = await signUp(page, makePerson());
  await page.getByRole("button", { name: "Account menu" }).click();
  await expect(page.getByRole("menu")).toBeVisible();
  await expectNoViolation(page, "the account menu");

  await testConnection(page, path, { ...SIMULATED_APP, appSecret: "not-the-secret" });
  await expectNoViolation(page, "a test that failed");

  await page.goto(`${path}/settings`);
  await page.getByRole("button", { name: "Delete organization" }).click();
  await expect(page.getByRole("dialog")).toBeVisible();
  await expectNoViolation(page, "the typed confirmation");
});
