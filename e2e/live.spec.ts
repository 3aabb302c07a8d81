import type { Page } from "@playwright/test";
import { expectNoViolations } from "./support/axe";
import { withDatabase } from "./support/database";
import { rows, status } from "./support/directory-page";
import { expect, makePerson, test } from "./support/fixtures";
import { waitForUpdate } from "./support/live-page";
import { plantDirectory } from "./support/plant-directory";
import { plantPerson } from "./support/plant-person";
import { endPlantedRun, MISSING_PERMISSION, plantRun, plantState } from "./support/plant-run";
import { connectAndSync, SYNC_TIMEOUT } from "./support/synced-app";

const MARK = "data-not-reloaded";
const mark = (page: Page) => page.evaluate((name) => document.documentElement.setAttribute(name, ""), MARK);
const expectNotReloaded = (page: Page) => expect(page.locator("html")).toHaveAttribute(MARK, "");

test("the app's page shows progress and the result of its first sync without a reload", async ({ page }) => {
  const path = await plantPerson(page, makePerson());
  const app = await plantDirectory(path, [], null);
  const run = await plantRun(app, { state: "running", departmentsSeen: 41 });
  await page.clock.install();
  await page.goto(app);
  await mark(page);
  await expect(page.getByText("41 departments")).toBeVisible();
  await expect(page.getByRole("link", { name: "View progress" })).toHaveAttribute("href", run);
  await withDatabase((client) =>
    client.query("UPDATE sync_run SET departments_seen = 97 WHERE id = $1", [run.split("/").at(-1)]),
  );
  await waitForUpdate(page, (soon) => expect(page.getByText("97 departments")).toBeVisible(soon));

  await endPlantedRun(app);
  await waitForUpdate(page, (soon) => expect(page.getByText("Completed").first()).toBeVisible(soon));
  await expect(page.getByRole("button", { name: "Sync now" })).toBeVisible();
  await expect(page.getByText("97 departments")).toHaveCount(0);
  await expectNotReloaded(page);
});

test("the overview guides through the first steps and then shows the only app", async ({ page }) => {
  const path = await plantPerson(page, makePerson());
  await page.clock.install();
  await page.goto(path);
  await expect(page.getByRole("listitem").filter({ hasText: "After step 1" })).toBeVisible();
  const app = await plantDirectory(path, [], null);
  await plantRun(app, { state: "running" });
  await page.reload();
  await mark(page);
  await expect(page.getByRole("listitem").filter({ hasText: "Connect an app(done)" })).toBeVisible();
  await expect(page.locator("[aria-current=step]")).toContainText("12 departments");
  await expectNoViolations(page);
  await endPlantedRun(app);
  const overview = page.getByRole("heading", { level: 1, name: "Overview" });
  await waitForUpdate(page, (soon) => expect(overview).toBeVisible(soon));
  await expectNotReloaded(page);
});

test("the overview of several apps lists problems by severity and marks new ones", async ({ page }) => {
  const path = await plantPerson(page, makePerson());
  const [works, fails, breaks] = [
    await plantDirectory(path, [{ id: 1 }]),
    await plantDirectory(path, [{ id: 1 }]),
    await plantDirectory(path, [{ id: 1 }]),
  ];
  await plantState(works, { state: "verified", name: "Works" });
  await plantState(fails, { state: "verified", name: "Fails" });
  await plantState(breaks, { state: "broken", name: "Breaks", reason: MISSING_PERMISSION });
  await plantRun(fails, { state: "failed", error: { kind: "scope_empty" } });
  await page.clock.install();
  await page.goto(path);
  const items = page.locator("section", { hasText: "Needs attention" }).getByRole("listitem");
  await expect(items).toHaveText([
    /Breaks.*Missing permission/,
    /Fails.*authorized scope is empty.*Try again/,
  ]);
  const names = page.getByRole("table").getByRole("rowheader");
  await expect(names).toHaveText(["Breaks", "Works", "Fails"]);
  await expectNoViolations(page);

  await mark(page);
  await plantState(works, { state: "broken", name: "Works", reason: MISSING_PERMISSION });
  await waitForUpdate(page, (soon) =>
    expect(status(page)).toContainText("Needs attention: Works, Missing permission", soon),
  );
  await expect(items).toHaveCount(3);
  await expectNotReloaded(page);
});

test("a failed run shows its reason, the remedy and the ids for support, and can be retried", async ({
  page,
}) => {
  const path = await plantPerson(page, makePerson());
  const app = await connectAndSync(page, path);
  const run = await plantRun(app, { state: "failed", error: MISSING_PERMISSION });
  for (const address of [run, app]) {
    await page.goto(address);
    await expect(page.getByRole("heading", { name: /Missing permission/ })).toBeVisible();
    const steps = page.getByRole("list", { name: "What to do" }).getByRole("listitem");
    await expect(steps).toHaveText([
      /Open the DingTalk developer console/,
      /qyapi_get_department_list.*权限管理/,
      /版本管理与发布/,
    ]);
    await expect(steps.getByRole("link")).toHaveAttribute("href", "https://open-dev.dingtalk.com/");
    await expect(page.getByText(/No automatic retry. Next automatic sync/)).toBeVisible();
  }
  await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  await page.getByRole("button", { name: "Copy permission code" }).click();
  await expect(status(page)).toHaveText("Copied");
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe("qyapi_get_department_list");
  await page.locator("summary").click();
  await page.getByRole("button", { name: "Copy request ID" }).click();
  await expect.poll(() => page.evaluate(() => navigator.clipboard.readText())).toBe("15r6h9ngqnsk1");
  await expectNoViolations(page);

  await page.getByRole("button", { name: "Try again" }).click();
  await page.waitForURL(/\/syncs\/[0-9a-f-]{36}$/);
  await expect(page.getByText("Completed").first()).toBeVisible(SYNC_TIMEOUT);
  await expect(page.getByText(/No changes \(/)).toBeVisible();
});

test("a second sync opens the running one with a message, and canceling moves the focus to the heading", async ({
  page,
}) => {
  const path = await plantPerson(page, makePerson());
  const app = await plantDirectory(path, [{ id: 1 }]);
  await page.goto(`${app}/syncs`);
  const run = await plantRun(app, { state: "running" });
  await page.getByRole("button", { name: "Sync now" }).click();
  await page.waitForURL((url) => url.pathname === run && url.search === "");
  await expect(page.locator("main").getByText("A sync is already running and is shown here")).toBeVisible();
  await expect(page.getByRole("progressbar")).toHaveAttribute("aria-valuetext", /12 departments/);
  await expectNoViolations(page);

  await page.getByRole("button", { name: "Cancel sync" }).click();
  const dialog = page.getByRole("dialog");
  await expect(dialog).toContainText("No changes will be written");
  await dialog.getByRole("button", { name: "Cancel sync" }).press("Enter");
  await expect(page.getByText("The sync was canceled. Nothing was written.")).toBeVisible();
  await expect(page.getByRole("heading", { level: 1 })).toBeFocused();
});

test("disabling an app shows a warning, and enabling it runs a test", async ({ page }) => {
  const person = makePerson();
  const path = await plantPerson(page, person);
  await page.goto(await connectAndSync(page, path));
  const menu = page.getByRole("button", { name: "More actions" });
  await menu.click();
  await page.getByRole("menuitem", { name: "Disable" }).click();
  const dialog = page.getByRole("dialog");
  await expect(dialog).toContainText("The token is deleted immediately");
  await expectNoViolations(page);
  await page.keyboard.press("Escape");
  await expect(dialog).toBeHidden();
  await expect(menu).toBeFocused();
  await menu.click();
  await page.getByRole("menuitem", { name: "Disable" }).click();
  await dialog.getByRole("button", { name: "Disable" }).click();

  await expect(page.getByText(`Disabled by ${person.email}`)).toBeVisible();
  await expect(dialog).toBeHidden();
  const sync = page.getByRole("button", { name: "Sync now" });
  await expect(sync).toBeDisabled();
  await expect(sync).toHaveAccessibleDescription("The app can't sync while it is disabled");
  await expect(page.getByText("No token yet")).toBeVisible();
  await expectNoViolations(page);

  await page.getByRole("button", { name: "Enable" }).click();
  await expect(page.locator("#main").getByText("Working")).toBeVisible();
  await expect(sync).toBeEnabled();
  await expect(page.getByText("No token yet")).toHaveCount(0);
});

test("the empty directory links to the run and shows the tree without a reload", async ({ page }) => {
  const path = await plantPerson(page, makePerson());
  const app = await plantDirectory(path, [], null);
  const run = await plantRun(app, { state: "running" });
  await page.clock.install();
  await page.goto(`${app}/directory`);
  await mark(page);
  await expect(page.getByRole("link", { name: "View progress" })).toHaveAttribute("href", run);
  await expect(page.getByText("12 departments")).toBeVisible();
  await expectNoViolations(page);
  const [, , , , appId] = app.split("/");
  await withDatabase((client) =>
    client.query(
      `INSERT INTO department (organization_id, app_id, department_id, name, extra, first_seen_at, changed_at)
       SELECT organization_id, id, 1, '某某集团', '{}', now(), now() FROM dingtalk_app WHERE id = $1`,
      [appId],
    ),
  );
  await endPlantedRun(app);
  await waitForUpdate(page, (soon) => expect(rows(page)).toHaveText([/某某集团/], soon));
  await expectNotReloaded(page);
});

test("the URL filters the list of runs and selects its page", async ({ page }) => {
  const path = await plantPerson(page, makePerson());
  const app = await plantDirectory(path, [{ id: 1 }]);
  for (const state of ["succeeded", "failed", "cancelled"] as const) await plantRun(app, { state });
  await page.goto(`${app}/syncs`);
  await expect(page.getByRole("rowheader")).toHaveText(["Sync #3", "Sync #2", "Sync #1"]);
  // The loaded page's script may not have started yet.
  await expect(async () => {
    await page.getByLabel("State").selectOption("Failed");
    await expect(page).toHaveURL(/\?state=failed$/, { timeout: 2_000 });
  }).toPass();
  await expect(page.getByRole("rowheader")).toHaveText(["Sync #2"]);
  await page.reload();
  await expect(page.getByRole("rowheader")).toHaveText(["Sync #2"]);
  await expect(async () => {
    await page.getByLabel("State").selectOption("Interrupted");
    await expect(page).toHaveURL(/\?state=interrupted$/, { timeout: 2_000 });
  }).toPass();
  await page.getByRole("link", { name: "Clear filters" }).click();
  await expect(page.getByRole("rowheader")).toHaveCount(3);
  await expectNoViolations(page);
});
