import { expectNoViolations } from "./support/axe";
import { rows } from "./support/directory-page";
import { expect, makePerson, test } from "./support/fixtures";
import { waitForUpdate } from "./support/live-page";
import {
  changeSimulatedDirectory,
  listSimulatedDepartments,
  makeSimulatedCompany,
  subscribeEvents,
} from "./support/own-app";
import { plantPerson } from "./support/plant-person";
import { connectAndSync } from "./support/synced-app";

test("events are set up in the console, and a rename at DingTalk appears in the open tree without a reload", async ({
  page,
}) => {
  const company = await makeSimulatedCompany(20);
  const app = await connectAndSync(page, await plantPerson(page, makePerson()), company);
  await page.clock.install();
  await page.goto(`${app}/events`);
  await expect(page.getByRole("heading", { name: "Not set up" })).toBeVisible();
  await expectNoViolations(page);
  await page.getByRole("button", { name: "Set up subscription" }).click();
  const shown = (kind: string) => page.locator(`[data-secret=${kind}]`).innerText();
  await expect(page.getByText("These values are shown only once")).toBeVisible();
  const [url, token, aesKey] = [await shown("path"), await shown("token"), await shown("aes_key")];
  await expectNoViolations(page);
  // Shown only once: the address is in no later answer
  expect(await (await page.request.get(`${app}/events`)).text()).not.toContain(url.split("/").at(-1));
  await page.reload();
  await expect(page.getByText("Waiting for DingTalk to check the address")).toBeVisible();

  expect(await subscribeEvents(company.appKey, { url, token, aesKey })).toMatchObject({ ok: true });
  const working = page.getByRole("main").getByText("Working", { exact: true });
  await waitForUpdate(page, (soon) => expect(working).toBeVisible(soon));

  const tree = await page.context().newPage();
  await tree.clock.install();
  await tree.goto(`${app}/directory`);
  const [, first] = await listSimulatedDepartments(company.corpId);
  if (!first) throw new Error("the simulated company is too small");
  await expect(rows(tree).filter({ hasText: first.name }).first()).toBeVisible();
  await changeSimulatedDirectory(company.corpId, [
    { op: "rename_department", id: first.id, name: "事件改名部" },
  ]);
  const renamed = rows(tree).filter({ hasText: "事件改名部" });
  await waitForUpdate(tree, (soon) => expect(renamed).toBeVisible(soon));

  const event = page.getByRole("link", { name: "Department changed" });
  await waitForUpdate(page, (soon) => expect(event).toBeVisible(soon));
  await event.click();
  await expect(page.getByRole("heading", { level: 1, name: "org_dept_modify" })).toBeVisible();
  await expect(page.getByRole("rowheader").getByText("事件改名部")).toBeVisible();
  await expectNoViolations(page);
  await page.getByRole("button", { name: "Process again" }).click();
  await expect(async () => {
    await page.reload();
    await expect(page.getByText("The directory already matched DingTalk")).toBeVisible({ timeout: 1_000 });
  }).toPass();
  await page.goto(app);
  await expect(page.getByText("1 event received")).toBeVisible();
});
