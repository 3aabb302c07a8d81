import { readFile } from "node:fs/promises";
import type { Page } from "@playwright/test";
import { parsePublicId } from "@/lib/public-id";
import { withDatabase } from "./support/database";
import { expect, makePerson, test } from "./support/fixtures";
import { HOSTILE_NAMES, plantDirectory, plantPeople } from "./support/plant-directory";
import { plantPerson } from "./support/plant-person";
import { plantKey } from "./support/services";

/** Chooses an item of the export menu and returns the saved file. */
async function saved(page: Page, item: string): Promise<string> {
  await page.getByRole("button", { name: "Export" }).click();
  const download = page.waitForEvent("download");
  await page.getByRole("menuitem", { name: item }).click();
  return readFile(await (await download).path(), "utf8");
}

async function makeCompany(page: Page) {
  const organization = await plantPerson(page, makePerson());
  const names = Object.values(HOSTILE_NAMES);
  const departments = names.map((name, index) => ({ id: index + 2, parent: 1, name }));
  const app = await plantDirectory(organization, [{ id: 1, name: "某某集团" }, ...departments]);
  const members = names.map((name, index) => ({
    id: `u${index}`,
    name,
    title: "工程师",
    departments: [index + 2],
  }));
  await plantPeople(app, members);
  return { app, organization };
}

test("S32 exports for Excel have every hostile name in one cell and contain no formula", async ({ page }) => {
  const { app } = await makeCompany(page);
  await page.goto(`${app}/directory`);
  const tree = await saved(page, "Departments as CSV");
  expect(tree.startsWith("\ufeffDepartment ID,Parent ID,Name,")).toBe(true);
  const people = await saved(page, "Members as CSV");
  for (const text of [tree, people]) {
    for (const name of [
      HOSTILE_NAMES.han,
      HOSTILE_NAMES.emoji,
      HOSTILE_NAMES.direction,
      HOSTILE_NAMES.spaces,
    ]) {
      expect(text).toContain(`,${name},`);
    }
    expect(text).toContain(`,"'=HYPERLINK(""https://evil.example"",""点我"")",`);
  }
  // No personal data is stored, so it has no columns
  expect(people).not.toContain("Mobile number");
  const lines = (await saved(page, "Members as ndjson")).trimEnd().split("\n");
  expect(JSON.parse(lines.at(-1) ?? "")).toMatchObject({ end: true, count: 7, changed: false });
});

test("the field mapping previews three members, refuses a wrong source, and changes every reader of members", async ({
  page,
  baseURL,
}) => {
  const { app, organization } = await makeCompany(page);
  await page.goto(`${app}/settings`);
  await page.getByRole("link", { name: "Choose fields" }).click();
  await page.getByRole("link", { name: "SCIM" }).click();
  await expect(page.getByLabel("userName", { exact: true })).toBeVisible();
  await expect(page.getByText("Personal data isn't stored for this organization")).toBeVisible();
  const title = page.getByLabel("title", { exact: true });
  await title.selectOption({ label: "Extended attribute…" });
  await page.getByLabel("Extended attribute for title").fill("花名");
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByText("This organization doesn't store personal data. Turn it on")).toBeVisible();
  await expect(page.getByLabel("Extended attribute for title")).toBeFocused();

  await title.selectOption({ label: "Fixed text…" });
  await page.getByLabel("Fixed text for title").fill("=外部人员");
  await page.getByRole("button", { name: "Preview" }).click();
  await expect(page.getByRole("definition").filter({ hasText: "=外部人员" })).toHaveCount(3);
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByRole("main").getByText("Saved", { exact: true })).toBeVisible();
  await page.reload();
  await expect(page.getByLabel("Fixed text for title")).toHaveValue("=外部人员");

  const organizationId = parsePublicId(organization.split("/")[2] ?? "") ?? "";
  const key = await withDatabase((client) =>
    plantKey(client, organizationId, { scopes: ["directory:read"] }),
  );
  const scim = (path: string, authorization = `Bearer ${key}`) =>
    fetch(`${baseURL}/scim/v2/${path}`, { headers: { authorization } });
  const users = await scim(`${app.split("/").at(-1)}/Users?attributes=title&count=1`);
  expect(users.headers.get("content-type")).toBe("application/scim+json");
  expect(await users.json()).toMatchObject({ Resources: [{ title: "=外部人员" }] });
  for (const path of ["Users/%00", "%zz", "Nothing"]) {
    const response = await scim(path);
    expect([path, response.status, response.headers.get("content-type")]).toEqual([
      path,
      404,
      "application/scim+json",
    ]);
  }
  expect((await scim("Users", "")).status).toBe(401);
  const written = await fetch(`${baseURL}/scim/v2/Users`, { method: "POST", body: "{}" });
  expect(written.status).toBe(501);
});
