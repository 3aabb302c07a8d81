import type { Page } from "@playwright/test";
import { makeMark } from "@/lib/testing/marks";
import { expectNoViolationsInBothSchemes } from "./support/axe";
import { expect, makePerson, test } from "./support/fixtures";
import { plantPerson } from "./support/plant-person";
import { SIMULATED_APP } from "./support/simulated-app";
import { addSimulatedSuite, e2eRun, pushTicket, type Suite } from "./support/simulator";

const field = (page: Page, label: string) => page.getByLabel(label, { exact: true });

async function fillSuite(page: Page, path: string, suite: Suite): Promise<void> {
  await page.goto(`${path}/apps/new`);
  await page.getByRole("radio", { name: "Third-party (ISV) app" }).check();
  await field(page, "Name").fill("第三方通讯录");
  await field(page, "SuiteKey").fill(suite.suiteKey);
  await field(page, "SuiteSecret").fill(suite.suiteSecret);
  await field(page, "Suite ticket (optional)").fill(suite.suiteTicket);
  await field(page, "CorpId").fill(suite.corpId);
}

test("a third-party app is connected with the newest ticket and accepts another one later", async ({
  page,
}) => {
  test.setTimeout(90_000);
  const mark = makeMark();
  const suite = await addSimulatedSuite({
    suiteKey: `suite${mark}`,
    suiteSecret: `secret-of-${mark}`,
    suiteTicket: `ticket-of-${mark}`,
  });
  const path = await plantPerson(page, makePerson());
  await fillSuite(page, path, { ...suite, suiteTicket: "an-older-ticket" });
  await expectNoViolationsInBothSchemes(page, "the form of a third-party app");
  await page.getByRole("button", { name: "Test connection" }).click();
  const stale = page.getByRole("heading", { name: "Suite ticket missing or expired" });
  await expect(stale).toBeFocused();
  await expect(page.getByRole("button", { name: "Save as a draft anyway" })).toBeVisible();

  await field(page, "Suite ticket (optional)").fill(suite.suiteTicket);
  await expect(page.getByText("The values changed. Test again.").first()).toBeVisible();
  await page.getByRole("button", { name: "Test connection" }).click();
  await page.getByRole("button", { name: "Save and start syncing" }).click();
  await page.waitForURL(/\/apps\/[0-9a-f-]{36}$/);
  const app = new URL(page.url()).pathname;
  await expect(page.getByText("Working").first()).toBeVisible();
  await expect(page.getByText("Third-party (ISV) app", { exact: true })).toBeVisible();

  await pushTicket(suite.suiteKey, "the-next-ticket");
  await page.goto(`${app}/settings#suite-ticket`);
  const card = page.locator("#suite-ticket");
  const paste = async (ticket: string) => {
    await card.getByLabel("New suite ticket").fill(ticket);
    await card.getByRole("button", { name: "Test and replace" }).click();
  };
  await paste("a-wrong-ticket");
  await expect(stale).toBeVisible();
  await paste("the-next-ticket");
  await expect(card.getByText("The suite ticket was replaced and the token renewed")).toBeVisible();
  await page.goto(app);
  await expect(page.getByText("Working").first()).toBeVisible();
});

test("the unified kind requires and tests the CorpId, and changing the kind keeps the input", async ({
  page,
}) => {
  const path = await plantPerson(page, makePerson());
  await page.goto(`${path}/apps/new`);
  await field(page, "Name").fill("统一凭证");
  await field(page, "AppKey (Client ID)").fill(SIMULATED_APP.appKey);
  await field(page, "AppSecret (Client Secret)").fill(SIMULATED_APP.appSecret);
  await page.getByRole("radio", { name: "Unified credentials" }).check();
  await page.getByRole("button", { name: "Test connection" }).click();
  await expect(field(page, "CorpId")).toBeFocused();

  await field(page, "CorpId").fill("dingnobody");
  await page.getByRole("button", { name: "Test connection" }).click();
  await expect(
    page.getByRole("heading", { name: "The organization hasn't authorized this app" }),
  ).toBeFocused();
  const organizations = await fetch(`${e2eRun().simulatorUrl}/_control/organizations`);
  const [{ corpId }] = (await organizations.json()) as [{ corpId: string }];
  await field(page, "CorpId").fill(corpId);
  await page.getByRole("button", { name: "Test connection" }).click();
  await page.getByRole("button", { name: "Save and start syncing" }).click();
  await page.waitForURL(/\/apps\/[0-9a-f-]{36}$/);
  await expect(page.getByText("Unified credentials", { exact: true })).toBeVisible();
});
