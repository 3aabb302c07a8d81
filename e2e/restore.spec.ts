import { admit } from "./support/admit";
import { expectNoViolationsInEveryAppearance } from "./support/axe";
import { row, status } from "./support/directory-page";
import { expect, makePerson, test } from "./support/fixtures";
import { changeSimulatedDirectory, makeSimulatedCompany } from "./support/own-app";
import { plantPerson } from "./support/plant-person";
import { connectAndSync, syncTo } from "./support/synced-app";

const HR = 700_001;
const TEAM = 700_002;

test("a removed department is restored with its subtree, kept by later syncs, and removed after its release", async ({
  page,
  newBrowser,
}) => {
  test.setTimeout(180_000);
  const organization = await plantPerson(page, makePerson());
  const company = await makeSimulatedCompany(20);
  const change = (...changes: object[]) => changeSimulatedDirectory(company.corpId, changes);
  await change(
    { op: "add_department", parentId: 1, id: HR, name: "人事部" },
    { op: "add_department", parentId: HR, id: TEAM, name: "招聘组" },
    { op: "add_person", name: "张三丰", userid: "zhang", departments: [TEAM] },
  );
  const app = await connectAndSync(page, organization, company);
  await change(
    { op: "remove_person", userid: "zhang" },
    { op: "remove_department", id: TEAM },
    { op: "remove_department", id: HR },
  );
  const heading = (name: string) => page.getByRole("heading", { level: 2, name, exact: true });
  const run = await syncTo(page, app, "succeeded");

  await page.goto(`${run}?kind=removed`);
  await page.getByRole("link", { name: "人事部", exact: true }).click();
  await expect(heading("人事部")).toBeVisible();
  await expect(page.getByText(/^Removed .*Can be restored until/)).toBeVisible();

  await expect(page.getByRole("region", { name: "History" }).getByRole("listitem")).toHaveText([
    /^Removed .*Sync #2/,
    /^Added .*Sync #1/,
  ]);

  await page.getByRole("link", { name: "Removed (3)" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Removed" })).toBeVisible();
  await expect(page.getByRole("rowheader")).toHaveText([/^人事部/, /^招聘组.* › 人事部/]);
  await expectNoViolationsInEveryAppearance(page, "the removed departments");
  await page.getByRole("link", { name: "Members 1" }).click();
  await expect(page.getByRole("rowheader")).toHaveText([/^张三丰.* › 人事部 › 招聘组/]);
  await page.getByRole("link", { name: "张三丰" }).click();
  await expect(heading("张三丰")).toBeVisible();
  await expect(page.getByText("Removed departments aren't restored with the member")).toBeVisible();
  await page.getByRole("link", { name: "人事部" }).click();
  await expect(page.getByRole("button", { name: "Restore" })).toBeVisible();
  await expectNoViolationsInEveryAppearance(page, "a removed department");

  // A viewer has no button to restore it
  const viewer = makePerson();
  const theirs = await (await newBrowser()).newPage();
  await plantPerson(theirs, viewer);
  await admit(organization.split("/")[2] ?? "", viewer.email, "viewer");
  await theirs.goto(`${app}/directory?node=${HR}`);
  await expect(theirs.getByText(/^Removed .*Can be restored until/)).toBeVisible();
  await expect(theirs.getByRole("button", { name: "Restore" })).toHaveCount(0);

  await expect(page.getByLabel("With 1 department below it and 1 member")).toBeChecked();
  await page.getByRole("button", { name: "Restore" }).click();
  await expect(status(page)).toHaveText("Restored and kept manually: 3");
  await expect(heading("人事部")).toBeFocused();
  await expect(row(page, HR)).toBeVisible();
  await expect(page.getByText("Kept manually", { exact: true })).toBeVisible();
  await expect(page.getByRole("link", { name: /^Removed/ })).toHaveCount(0);

  const later = await syncTo(page, app, "succeeded");
  await page.goto(`${later}?kind=removed`);
  await expect(page.getByText("Not removed: kept manually")).toHaveCount(2);
  await page.goto(`${app}/directory?node=${HR}`);
  await expect(row(page, HR)).toBeVisible();
  await expect(page.locator("main form").getByRole("checkbox")).toBeChecked();
  await expectNoViolationsInEveryAppearance(page, "kept manually");
  await page.getByRole("button", { name: "Stop keeping" }).click();
  await expect(status(page)).toHaveText("No longer kept");
  await expect(heading("人事部")).toBeFocused();
  await expect(page.getByText("Kept manually", { exact: true })).toHaveCount(0);

  await syncTo(page, app, "succeeded");
  await page.goto(`${app}/directory?node=${HR}`);
  await expect(page.getByText(/^Removed .*Can be restored until/)).toBeVisible();
  await expect(page.getByRole("link", { name: "Removed (3)" })).toBeVisible();
});
