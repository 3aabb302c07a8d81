import type { Page } from "@playwright/test";
import { expectNoViolations } from "./support/axe";
import { callAction } from "./support/call-action";
import { withDatabase } from "./support/database";
import { expect, makePerson, test } from "./support/fixtures";
import { waitForUpdate } from "./support/live-page";
import { plantDirectory } from "./support/plant-directory";
import { endNotices, plantNotice } from "./support/plant-notice";
import { plantPerson } from "./support/plant-person";
import { MISSING_PERMISSION, plantState } from "./support/plant-run";
import { builtActions } from "./support/routes";

const banner = (page: Page) => page.getByRole("region", { name: "Notices" });
const bell = (page: Page) => page.getByRole("button", { name: /^Notices/ });

async function plantProblem(path: string, name: string, state: "degraded" | "broken" = "broken") {
  const app = await plantDirectory(path, [{ id: 1 }]);
  await plantState(app, { state, name, reason: MISSING_PERMISSION });
  return { app, notice: await plantNotice(app, { state, reason: MISSING_PERMISSION }) };
}

test("a new problem of an app is shown once in a banner on every page and stays in the bell", async ({
  page,
}) => {
  const path = await plantPerson(page, makePerson());
  await page.clock.install();
  await page.goto(`${path}/settings`);
  await expect(bell(page)).toHaveAccessibleName("Notices");
  await expect(banner(page)).toHaveCount(0);

  const { app } = await plantProblem(path, "Production");
  // Only the frame of this page updates
  await waitForUpdate(page, (soon) => expect(banner(page)).toContainText("Production: Broken", soon));
  await expect(banner(page)).toContainText("Missing permission");
  await expect(bell(page)).toHaveAccessibleName("Notices, 1 unread");
  await expectNoViolations(page);
  for (const address of [path, `${path}/apps`, `${path}/api-keys`, app, `${app}/token`]) {
    await page.goto(address);
    await expect(banner(page), address).toContainText("Production: Broken");
  }

  await banner(page).getByRole("button", { name: "Got it Production" }).click();
  await expect(banner(page)).toHaveCount(0);
  await expect(bell(page)).toHaveAccessibleName("Notices");
  await page.reload();
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  await expect(banner(page)).toHaveCount(0);
  await bell(page).click();
  await expect(page.getByRole("menuitem", { name: /Production: Broken.*Missing permission/ })).toBeVisible();
  await expectNoViolations(page);
});

test("a problem that ended disappears from the banner and stays unread in the bell", async ({ page }) => {
  const path = await plantPerson(page, makePerson());
  const { app } = await plantProblem(path, "Flaky", "degraded");
  await page.clock.install();
  await page.goto(`${path}/settings`);
  await expect(banner(page)).toContainText("Flaky: Unstable");
  await endNotices(app);
  await waitForUpdate(page, (soon) => expect(banner(page)).toHaveCount(0, soon));

  await bell(page).click();
  const line = page.getByRole("menuitem", { name: /Unread: Flaky: Unstable.*resolved/ });
  await expect(line).toBeVisible();
  await page.getByRole("menuitem", { name: "Mark all as read" }).click();
  await expect(line).toHaveCount(0);
  await page.keyboard.press("Escape");
  await expect(bell(page)).toHaveAccessibleName("Notices");
});

test("a notice links to its app and counts as read then", async ({ page }) => {
  const path = await plantPerson(page, makePerson());
  const { app } = await plantProblem(path, "Payroll");
  await page.goto(path);
  await bell(page).click();
  await page.getByRole("menuitem", { name: /Payroll: Broken/ }).click();
  await page.waitForURL(app);
  await expect(bell(page)).toHaveAccessibleName("Notices");
  await expect(banner(page)).toHaveCount(0);
});

test("more than two notices are shown as a number, to every user", async ({ page }) => {
  const path = await plantPerson(page, makePerson());
  for (const name of ["One", "Two", "Three", "Four"]) await plantProblem(path, name);
  await page.goto(path);
  await expect(banner(page)).toContainText("2 more notices");
  await expect(banner(page).getByRole("link")).toHaveCount(2);
  await expect(bell(page)).toHaveAccessibleName("Notices, 4 unread");
});

test("S15 a notice of another organization can't be marked as read", async ({ page, newBrowser }) => {
  const path = await plantPerson(page, makePerson());
  const { notice } = await plantProblem(path, "Theirs");
  const attacker = await (await newBrowser()).newPage();
  const own = await plantPerson(attacker, makePerson());
  const action = builtActions().find(({ name }) => name === "markNoticesSeenAction");
  if (!action) throw new Error("the build has no such action");
  const organization = own.split("/")[2] ?? "";
  for (const form of [{ notice }, {}, { notice: "no id" }]) {
    await callAction(attacker, { id: action.id, path: own }, { organization, form });
  }

  const shown = await withDatabase((client) =>
    client.query("SELECT 1 FROM notice_seen WHERE notice_id = $1", [notice]),
  );
  expect(shown.rowCount).toBe(0);
  await page.goto(path);
  await expect(banner(page)).toContainText("Theirs: Broken");
});

test("an unstable app has a button that retries at once", async ({ page }) => {
  const path = await plantPerson(page, makePerson());
  const { app } = await plantProblem(path, "Waiting", "degraded");
  await page.goto(app);
  const alert = page.getByRole("button", { name: "Try again now" });
  await expect(alert).toBeVisible();
  await expectNoViolations(page);
});
