import { expectNoViolations } from "./support/axe";
import { rows } from "./support/directory-page";
import { expect, makePerson, test } from "./support/fixtures";
import { waitForUpdate } from "./support/live-page";
import {
  changeSimulatedDirectory,
  listSimulatedDepartments,
  makeSimulatedCompany,
  subscribeStream,
} from "./support/own-app";
import { plantPerson } from "./support/plant-person";
import { connectAndSync } from "./support/synced-app";

test("Stream mode is chosen in the console, and a rename at DingTalk appears in the open tree without a reload", async ({
  page,
}) => {
  const company = await makeSimulatedCompany(20);
  const app = await connectAndSync(page, await plantPerson(page, makePerson()), company);
  await page.clock.install();
  await page.goto(`${app}/events`);
  await page.getByRole("button", { name: "Use Stream mode" }).click();
  const connected = page.getByRole("main").getByText("Connected", { exact: true });
  await waitForUpdate(page, (soon) => expect(connected).toBeVisible(soon));
  await expect(page.getByText("one of the connections of this AppKey")).toBeVisible();
  await expectNoViolations(page);
  await subscribeStream(company.appKey);

  const tree = await page.context().newPage();
  await tree.clock.install();
  await tree.goto(`${app}/directory`);
  const [, first] = await listSimulatedDepartments(company.corpId);
  if (!first) throw new Error("the simulated company is too small");
  await expect(rows(tree).filter({ hasText: first.name }).first()).toBeVisible();
  await changeSimulatedDirectory(company.corpId, [
    { op: "rename_department", id: first.id, name: "长连接改名部" },
  ]);
  const renamed = rows(tree).filter({ hasText: "长连接改名部" });
  await waitForUpdate(tree, (soon) => expect(renamed).toBeVisible(soon));

  const event = page.getByRole("link", { name: "Department changed" });
  await waitForUpdate(page, (soon) => expect(event).toBeVisible(soon));
  await event.click();
  await expect(page.getByText("Stream mode", { exact: true })).toBeVisible();

  await page.goto(`${app}/events`);
  await page.getByRole("button", { name: "Use HTTP push" }).click();
  await expect(page.getByRole("heading", { name: "Not set up" })).toBeVisible();
});
