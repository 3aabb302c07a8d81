import { readFile } from "node:fs/promises";
import { expectNoViolationsInBothSchemes } from "./support/axe";
import { openDirectory, row, status } from "./support/directory-page";
import { expect, makePerson, test } from "./support/fixtures";
import { changeSimulatedDirectory, listSimulatedDepartments, makeSimulatedCompany } from "./support/own-app";
import { plantPerson } from "./support/plant-person";
import { connectAndSync, syncTo } from "./support/synced-app";

test("the history shows an earlier directory, the difference of two syncs, and a department's past", async ({
  page,
}) => {
  test.setTimeout(120_000);
  const organization = await plantPerson(page, makePerson());
  const company = await makeSimulatedCompany(16);
  const app = await connectAndSync(page, organization, company);
  const departments = await listSimulatedDepartments(company.corpId);
  const [one, other] = departments.filter(({ parentId }) => parentId === 1);
  if (!one || !other) throw new Error("setup failed");
  await changeSimulatedDirectory(company.corpId, [
    { op: "rename_department", id: one.id, name: "后来的名称" },
    { op: "move_department", id: other.id, parentId: one.id },
  ]);
  await syncTo(page, app, "succeeded");

  await openDirectory(page, app);
  await expect(row(page, one.id)).toContainText("后来的名称");
  await expect(row(page, other.id)).toHaveCount(0);
  const time = page.getByLabel("Version", { exact: true });
  const first = await time.locator("option", { hasText: "#1" }).getAttribute("value");
  await time.selectOption(first);
  await page.waitForURL(`**/directory?at=${first}`);
  await expect(
    page.locator("main").getByText(/You are viewing the directory as of .* \(sync #1\)/),
  ).toBeVisible();
  await expect(time).toBeFocused();
  await expect(status(page)).toHaveText(/^You are viewing the directory as of .* \(sync #1\)$/);
  await expect(row(page, one.id)).toContainText(one.name);
  await expect(row(page, other.id)).toHaveAttribute("aria-level", "2");
  await expect(page.getByRole("button", { name: "Sync now" })).toHaveCount(0);
  await expect(page.getByRole("searchbox")).toHaveCount(0);
  await page.getByRole("button", { name: "Export" }).click();
  const download = page.waitForEvent("download");
  await page.getByRole("menuitem", { name: "Departments as CSV" }).click();
  const file = await readFile(await (await download).path(), "utf8");
  expect(file).toContain(one.name);
  expect(file).not.toContain("后来的名称");
  await row(page, one.id).click();
  const panel = page.getByRole("region", { name: "Department details" });
  await expect(panel.getByRole("heading", { level: 2, name: one.name })).toBeVisible();
  await panel.getByRole("tab", { name: "History" }).click();
  await expect(panel.getByRole("listitem").filter({ hasText: "Sync #1" })).toContainText("Added");
  await expect(panel.getByText("Sync #2"), "later changes are hidden").toHaveCount(0);
  await expectNoViolationsInBothSchemes(page, "past");
  await page.getByRole("link", { name: "Back to current version" }).press("Enter");
  await page.waitForURL(`**/directory?node=${one.id}&tab=history`);
  await expect(time).toBeFocused();
  await page.goBack();

  await page.getByRole("link", { name: "Compare with latest" }).click();
  await page.waitForURL(/\/directory\/compare\?/);
  const renamed = page.getByRole("row").filter({ hasText: "Renamed" });
  await expect(renamed).toContainText(one.name);
  await expect(renamed).toContainText("后来的名称");
  const moved = page.getByRole("row").filter({ hasText: "Moved" });
  await expect(moved).toContainText(other.name);
  await expect(moved.locator("ins")).toContainText("› 后来的名称");
  await expectNoViolationsInBothSchemes(page, "compared");
  await page.getByLabel("Change type").selectOption({ label: "Moved" });
  await expect(renamed).toHaveCount(0);
  await expect(page, "the compared versions stay selected").toHaveURL(new RegExp(`from=${first}`));

  await openDirectory(page, app, `?node=${one.id}&tab=history`);
  const entry = panel.getByRole("listitem").filter({ hasText: "Sync #2" });
  await expect(entry).toContainText("Renamed");
  await expect(entry).toContainText("后来的名称");
  await entry.getByRole("link", { name: "Sync #2" }).click();
  await page.waitForURL(/\/syncs\/[0-9a-f-]{36}$/);
});
