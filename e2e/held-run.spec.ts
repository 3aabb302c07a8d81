import type { Page } from "@playwright/test";
import { admit } from "./support/admit";
import { expectNoViolationsInBothSchemes, expectNoViolationsInEveryAppearance } from "./support/axe";
import { withDatabase } from "./support/database";
import { status } from "./support/directory-page";
import { expect, makePerson, type Person, test } from "./support/fixtures";
import { waitForUpdate } from "./support/live-page";
import {
  changeSimulatedApp,
  changeSimulatedDirectory,
  listSimulatedDepartments,
  makeSimulatedCompany,
} from "./support/own-app";
import { plantPerson } from "./support/plant-person";
import { connectAndSync, SYNC_TIMEOUT, syncTo } from "./support/synced-app";

const HOSTILE = "财务\u202E部";

/** Signs up, syncs a company, and narrows the app's scope, so that the next run is held. */
async function holdRun(page: Page, person: Person = makePerson()) {
  const organization = await plantPerson(page, person);
  const company = await makeSimulatedCompany(16);
  const departments = await listSimulatedDepartments(company.corpId);
  const topDepartments = departments.filter(({ parentId }) => parentId === 1);
  const [kept, hostile] = [topDepartments[0], topDepartments[1]];
  if (!kept || !hostile) throw new Error("setup failed");
  await changeSimulatedDirectory(company.corpId, [
    { op: "rename_department", id: hostile.id, name: HOSTILE },
  ]);
  const app = await connectAndSync(page, organization, company);
  await changeSimulatedDirectory(company.corpId, [
    { op: "rename_department", id: kept.id, name: "再改一次" },
  ]);
  await changeSimulatedApp(company.appKey, { scope: { departments: [kept.id], users: [] } });
  const run = await syncTo(page, app, "held");
  await page.goto(run);
  return { organization, company, app, run, kept, departments };
}

const reason = (page: Page) => page.locator("main form").getByLabel("Reason (saved with this sync)");

test("a held run shows the reason and the removals, and is applied without them", async ({ page }) => {
  test.setTimeout(120_000);
  const { organization, app, run, departments } = await holdRun(page);
  await expect(page).toHaveTitle(/^Needs a decision · Sync #2 · /);
  await expect(
    page.getByText(/The authorized scope has shrunk from the whole organization to 1 department/),
  ).toBeVisible();
  const removals = page.locator("section", {
    has: page.getByRole("heading", { name: "Planned removals" }),
  });
  await expect(removals.getByRole("listitem").first()).toContainText(
    /with \d+ sub-departments and \d+ members/,
  );
  await removals
    .getByRole("button", { name: /^Expand/ })
    .first()
    .click();
  // S25: a direction mark is shown and does not reorder the text
  await expect(removals.getByRole("img", { name: "U+202E" })).toBeVisible();

  await page.goto(organization);
  await page.getByRole("link", { name: "Review and decide" }).click();
  await page.waitForURL((url) => url.pathname === run);
  await expect(page.getByRole("heading", { name: "Why this sync was held" })).toBeFocused();

  await page.getByRole("button", { name: "Apply without removals" }).click();
  await expect(reason(page)).toBeFocused();
  await expect(page.getByText("This field is required")).toBeVisible();
  await reason(page).fill("权限改错了");
  await page.getByRole("button", { name: "Apply without removals" }).click();
  await expect(page.getByText("Reason: 权限改错了")).toBeVisible(SYNC_TIMEOUT);
  await expect(status(page)).toHaveText("Decided: Apply without removals");
  await expectNoViolationsInBothSchemes(page, "a decided run");
  await expect(page.locator("main").getByText("Completed")).toBeVisible();
  await page.goto(`${run}?kind=removed`);
  await expect(page.getByText("Not removed: applied without removals").first()).toBeVisible();
  const { rows } = await withDatabase((client) =>
    client.query<{ n: number }>(
      `SELECT count(*)::int AS n FROM department WHERE app_id = $1 AND removed_at IS NULL`,
      [app.split("/").at(-1)],
    ),
  );
  expect(rows[0]?.n).toBe(departments.length);
  await page.goto(`${app}/directory`);
  await expect(page.getByText("再改一次").first()).toBeVisible();
});

test("applying removals requires typing their number, and the password if it was confirmed too long ago", async ({
  page,
}) => {
  test.setTimeout(120_000);
  const person = makePerson();
  const { app } = await holdRun(page, person);
  await withDatabase((client) =>
    client.query(
      `UPDATE sessions SET password_confirmed_at = now() - interval '1 hour'
       WHERE user_id = (SELECT id FROM users WHERE email = $1)`,
      [person.email],
    ),
  );
  await reason(page).fill("这些部门确实撤销了");
  const openButton = page.getByRole("button", { name: "Apply with removals…" });
  await openButton.press("Enter");
  const dialog = page.getByRole("dialog");
  const typed = dialog.getByRole("textbox", { name: /^Type [\d,]+ \(departments \+ members\)/ });
  await expect(typed).toBeFocused();
  await typed.press("Escape");
  await expect(openButton).toBeFocused();
  await openButton.press("Enter");
  await expect(typed).toBeFocused();
  await typed.fill("1");
  await dialog.getByRole("button", { name: "Apply with removals" }).click();
  await expect(dialog.getByText(/the number of departments and members to remove/)).toBeVisible();
  await expectNoViolationsInBothSchemes(page, "the typed number with its error");
  const label = (await dialog.getByText(/^Type .* to confirm/).textContent()) ?? "";
  await typed.fill(/[\d,]+/.exec(label)?.[0] ?? "");
  await dialog.getByRole("button", { name: "Apply with removals" }).click();
  await dialog.locator("input[name=confirmation]").fill(person.password);
  await dialog.getByRole("button", { name: "Apply with removals" }).click();
  await expect(page.getByText("Reason: 这些部门确实撤销了")).toBeVisible(SYNC_TIMEOUT);
  await expect(dialog).toBeHidden();
  const { rows } = await withDatabase((client) =>
    client.query<{ removed: number }>(
      `SELECT count(*)::int AS removed FROM department WHERE app_id = $1 AND removed_at IS NOT NULL`,
      [app.split("/").at(-1)],
    ),
  );
  expect(rows[0]?.removed).toBeGreaterThan(5);
});

test("the next complete run replaces a held one, only the first decision counts, and a viewer can't decide", async ({
  page,
  newBrowser,
}) => {
  test.setTimeout(180_000);
  const person = makePerson();
  const { organization, company, app, run: replaced, kept } = await holdRun(page, person);
  await page.goto(`${organization}/apps`);
  await expect(page.getByRole("link", { name: /^Overview/ })).toContainText("1 item needs attention");
  await changeSimulatedApp(company.appKey, { scope: { departments: [1], users: [] } });
  const later = await syncTo(page, app, "succeeded");
  await page.goto(replaced);
  await expect(page.locator("main").getByText("Replaced", { exact: true })).toBeVisible();
  await expect(page.getByRole("link", { name: "Sync #3" })).toHaveAttribute("href", later);
  await expect(page.getByRole("button", { name: "Reject sync" })).toHaveCount(0);
  await expectNoViolationsInBothSchemes(page, "a replaced run");

  await changeSimulatedApp(company.appKey, { scope: { departments: [kept.id], users: [] } });
  const run = await syncTo(page, app, "held");
  await page.goto(run);
  const [, , id = ""] = organization.split("/");
  const [second, viewer] = [makePerson(), makePerson()];
  const [theirs, readers] = [await (await newBrowser()).newPage(), await (await newBrowser()).newPage()];
  await plantPerson(theirs, second);
  await plantPerson(readers, viewer);
  await admit(id, second.email, "admin");
  await admit(id, viewer.email, "viewer");

  await readers.goto(run);
  await expect(readers.getByText("Why this sync was held")).toBeVisible();
  await expect(readers.getByText("Requires admin access")).toBeVisible();
  await expect(readers.getByRole("button", { name: /Apply|Reject|Remove/ })).toHaveCount(0);
  await expectNoViolationsInEveryAppearance(page, "a held run");

  await theirs.clock.install();
  await theirs.goto(run);
  await reason(theirs).fill("我也来决定");
  await reason(page).fill("先不动");
  await page.getByRole("button", { name: "Reject sync" }).click();
  await expect(page.locator("main").getByText("Rejected", { exact: true })).toBeVisible(SYNC_TIMEOUT);
  await expect(page.getByText("The directory wasn't changed")).toBeVisible();
  await theirs.getByRole("button", { name: "Apply without removals" }).click();
  await expect(theirs.locator("main").getByRole("alert")).toContainText(
    `${person.email} already rejected this sync`,
  );
  await waitForUpdate(theirs, (soon) => expect(theirs.getByText("Reason: 先不动")).toBeVisible(soon));

  await page.goto(`${app}/syncs`);
  const row = page.getByRole("row").filter({ hasText: "Sync #4" });
  await expect(row).toContainText("Rejected");
  await expectNoViolationsInBothSchemes(page, "the list of runs");
});
