import { expectNoViolationsInBothSchemes, expectNoViolationsInEveryAppearance } from "./support/axe";
import { withDatabase } from "./support/database";
import { expect, makePerson, test } from "./support/fixtures";
import { changeSimulatedDirectory, listSimulatedDepartments, makeSimulatedCompany } from "./support/own-app";
import { plantDirectory } from "./support/plant-directory";
import { plantPerson } from "./support/plant-person";
import { plantRun } from "./support/plant-run";
import { connectAndSync, SYNC_TIMEOUT } from "./support/synced-app";

test("a live run counts departments, members and calls per API, and estimates its end from the previous run", async ({
  page,
}) => {
  const path = await plantPerson(page, makePerson());
  const app = await plantDirectory(path, [{ id: 1 }]);
  const before = await plantRun(app, { state: "succeeded" });
  const run = await plantRun(app, { state: "running" });
  const [calls, half] = [
    { listsub: 40, "user/list": 200 },
    { listsub: 20, "user/list": 100 },
  ];
  await withDatabase(async (client) => {
    const set = `UPDATE sync_run SET calls_by_api = $2, members_seen = $3, started_at = now() - interval '1 minute' WHERE id = $1`;
    await client.query(set, [before.split("/").at(-1), JSON.stringify(calls), 900]);
    await client.query(set, [run.split("/").at(-1), JSON.stringify(half), 450]);
  });
  await page.goto(run);
  await expect(page.getByText("450 members")).toBeVisible();
  await expect(page.getByText(/^about 1 min \d+ s left$|^about \d+ s left$/)).toBeVisible();
  await expect(page.getByLabel("Calls by API")).toHaveText("listsub20user/list100");
  await expect(page.getByRole("progressbar")).toHaveAttribute(
    "aria-valuetext",
    /12 of about 12 departments · 450 members/,
  );
  await withDatabase((client) =>
    client.query("UPDATE sync_run SET members_seen = 612 WHERE id = $1", [run.split("/").at(-1)]),
  );
  await expect(page.getByText("612 members")).toBeVisible(SYNC_TIMEOUT);
  await expectNoViolationsInEveryAppearance(page, "a live run");
});

test("a finished run lists its changes with both states, filtered by the URL, and a preview applies nothing", async ({
  page,
}) => {
  test.setTimeout(120_000);
  const path = await plantPerson(page, makePerson());
  const company = await makeSimulatedCompany(16);
  const app = await connectAndSync(page, path, company);
  const departments = await listSimulatedDepartments(company.corpId);
  const [one, other] = departments.filter(({ parentId }) => parentId === 1);
  const child = departments.find(({ parentId }) => parentId === one?.id);
  await changeSimulatedDirectory(company.corpId, [
    { op: "rename_department", id: one?.id, name: "=cmd|'销售" },
    { op: "move_department", id: child?.id, parentId: other?.id },
    { op: "add_person", name: "新来的", userid: "newcomer", departments: [other?.id] },
  ]);

  await page.goto(`${app}/syncs`);
  await page.getByRole("button", { name: "Preview changes" }).click();
  await page.waitForURL(/\/syncs\/[0-9a-f-]{36}$/);
  await expect(
    page.getByText("None of them have been applied, and the directory is unchanged.", { exact: false }),
  ).toBeVisible(SYNC_TIMEOUT);
  await expect(page.getByRole("rowheader").filter({ hasText: "=cmd|'销售" })).toBeVisible();
  await expectNoViolationsInBothSchemes(page, "a preview");
  await page.goto(`${app}/directory`);
  await expect(page.getByText(one?.name ?? "").first()).toBeVisible();

  await page.goto(`${app}/syncs`);
  await expect(page.getByRole("row").filter({ hasText: "Sync #2" })).toContainText("Preview");
  await page.getByRole("button", { name: "Sync now" }).click();
  await page.waitForURL(/\/syncs\/[0-9a-f-]{36}$/);
  await expect(page.locator("main").getByText("Completed", { exact: true })).toBeVisible(SYNC_TIMEOUT);
  const run = new URL(page.url()).pathname;
  const rows = page.locator("#changes tbody tr");
  await expect(rows).toHaveCount(2);
  await expect(page.getByText(/calls? \(minimum \d+\)/)).toBeVisible();
  await expectNoViolationsInEveryAppearance(page, "a finished run");

  await expect(async () => {
    await page.getByLabel("Change type").selectOption("Moved");
    await expect(page).toHaveURL(/\?object=department&kind=moved$/, { timeout: 2_000 });
  }).toPass();
  await expect(rows).toHaveCount(1);
  await expect(rows).toContainText(child?.name ?? "?");
  await expect(rows.locator("del")).toContainText(`before${departments[0]?.name} › `);
  await expect(rows.locator("ins")).toContainText(other?.name ?? "?");
  await page.reload();
  await expect(rows).toHaveCount(1);
  await page
    .getByRole("link", { name: "Clear filters" })
    .or(page.getByRole("link", { name: /^Members/ }))
    .first()
    .click();
  await expect(page).toHaveURL(/object=member/);
  await page.goto(`${run}?object=member&q=${encodeURIComponent("新来")}`);
  await expect(rows).toHaveText([/Added.*新来的/]);
  const search = page.getByRole("search").getByRole("textbox");
  await search.fill(".*");
  await search.press("Enter");
  await expect(page.locator("#changes").getByText("No matching changes")).toBeVisible();
});
