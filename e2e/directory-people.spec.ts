import { expectNoViolations } from "./support/axe";
import { withDatabase } from "./support/database";
import { openDirectory, row } from "./support/directory-page";
import { expect, makePerson, test } from "./support/fixtures";
import { plantDirectory, plantPeople } from "./support/plant-directory";
import { plantPerson } from "./support/plant-person";

const PEOPLE = 450;

test("the keyboard moves between a department's members and a member's departments", async ({ page }) => {
  const app = await plantDirectory(await plantPerson(page, makePerson()), [
    { id: 1, name: "集团" },
    { id: 2, parent: 1, name: "销售" },
    { id: 3, parent: 2, name: "华东" },
  ]);
  await plantPeople(app, [
    { id: "lead", name: "张三", departments: [2, 3], title: "总监" },
    ...Array.from({ length: PEOPLE }, (_, n) => ({
      id: `u${n}`,
      name: `员工 ${String(n).padStart(3, "0")}`,
      departments: [3],
    })),
  ]);
  const appId = app.split("/").at(-1);
  await withDatabase(async (client) => {
    await client.query(`UPDATE member_place SET is_leader = true WHERE app_id = $1 AND user_id = 'lead'`, [
      appId,
    ]);
    await client.query(
      `INSERT INTO department_count SELECT organization_id, app_id, department_id, direct, total FROM department
         JOIN (VALUES (1, 0, 451), (2, 1, 451), (3, 451, 451)) AS c (id, direct, total) ON c.id = department_id
       WHERE app_id = $1`,
      [appId],
    );
    await client.query(
      `UPDATE department SET details_at = now(), details = '{"dept_manager_userid_list":["lead"],"hide_dept":true}'
       WHERE app_id = $1 AND department_id = 2`,
      [appId],
    );
  });
  await openDirectory(page, app);
  await expect(row(page, 2)).toContainText("451 members");
  await row(page, 2).click();
  const panel = page.getByRole("region", { name: "Department details" });
  await expect(panel.getByText("1 direct · 1 sub-department · 451 total")).toBeVisible();
  await expect(panel.getByRole("tab", { selected: true })).toHaveText("Members (1)");
  await expectNoViolations(page);

  await panel.getByRole("tab", { selected: true }).press("End");
  await expect(panel.getByText("Hidden department")).toBeVisible();
  await expectNoViolations(page);
  await panel.getByRole("tab", { selected: true }).press("ArrowLeft");
  await expect(panel.getByRole("tab", { name: "Sub-departments (1)" })).toBeFocused();
  await panel.getByRole("link", { name: "华东" }).press("Enter");
  await expect(panel.getByRole("heading", { level: 2, name: "华东" })).toBeFocused();
  await panel.getByRole("tab", { selected: true }).press("Home");
  const list = panel.getByRole("listitem").filter({ has: page.locator('a[href*="member="]') });
  await expect(list.first()).toContainText("张三");
  await expect(list.first()).toContainText("Manager");
  for (const left of ["200 more of 451", "51 more of 451"])
    await panel.getByRole("button", { name: `Show ${left}` }).click();
  await expect(panel.getByRole("button", { name: /more of/ })).toHaveCount(0);
  expect(await list.count(), "only visible rows are rendered").toBeLessThan(60);
  await expectNoViolations(page);

  await panel.getByRole("link", { name: /张三/ }).first().click();
  await expect(panel.getByRole("heading", { level: 2, name: "张三" })).toBeFocused();
  await expect(page).toHaveURL(/node=3&member=lead/);
  await expect(panel.getByText("Personal data isn't stored for this organization")).toBeVisible();
  await expect(panel.getByRole("navigation", { name: "销售" })).toBeVisible();
  await expectNoViolations(page);
  await page.reload();
  await expect(panel.getByRole("heading", { level: 2, name: "张三" })).toBeVisible();
  await panel.getByRole("button", { name: "Back to department" }).click();
  await expect(panel.getByRole("heading", { level: 2, name: "华东" })).toBeVisible();
  await expect(page).not.toHaveURL(/member=/);
});
