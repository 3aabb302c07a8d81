import { Webhook } from "standardwebhooks";
import { expectNoViolations } from "./support/axe";
import { expect, makePerson, test } from "./support/fixtures";
import { changeSimulatedDirectory, listSimulatedDepartments, makeSimulatedCompany } from "./support/own-app";
import { plantPerson } from "./support/plant-person";
import { connectAndSync, syncTo } from "./support/synced-app";
import { type ReceivedMessage, startReceiver } from "./support/webhook-receiver";

const verify = (webhook: Webhook, { body, headers }: ReceivedMessage = { body: "", headers: {} }) =>
  webhook.verify(body, headers);

test("a webhook is created and tested, gets a signed rename, sends it again, and is disabled and deleted", async ({
  page,
}) => {
  const receiver = await startReceiver();
  const organization = await plantPerson(page, makePerson());
  const company = await makeSimulatedCompany(20);
  const app = await connectAndSync(page, organization, company);
  await page.goto(`${organization}/webhooks`);
  await page.getByRole("link", { name: "Create a webhook" }).click();
  await page.getByRole("button", { name: "Create a webhook" }).click();
  await expect(page.getByLabel("URL"), "the first invalid field has the focus").toBeFocused();
  await page.getByLabel("URL").fill("https://user:name@example.com/");
  await page.getByLabel("Department renamed").check();
  await page.getByRole("button", { name: "Create a webhook" }).click();
  await expect(page.getByText("Enter a full URL")).toBeVisible();
  await expectNoViolations(page);
  await page.getByLabel("URL").fill(receiver.url);
  await page.getByRole("button", { name: "Create a webhook" }).click();
  await expect(page.getByRole("heading", { name: "This secret is shown only once" })).toBeFocused();
  const secret = await page.locator("[data-secret]").innerText();
  const verifier = new Webhook(secret);
  await page.getByRole("link", { name: "Open the webhook" }).click();
  await expect(page.getByRole("heading", { level: 1, name: receiver.shownUrl })).toBeVisible();
  const address = new URL(page.url()).pathname;

  await page.getByRole("button", { name: "Send test event" }).click();
  await expect(page.getByRole("status").filter({ hasText: "received" })).toBeVisible();
  expect(verify(verifier, receiver.received[0])).toMatchObject({ type: "webhook.test", version: 1 });

  const [, first] = await listSimulatedDepartments(company.corpId);
  await changeSimulatedDirectory(company.corpId, [
    { op: "rename_department", id: first?.id ?? 0, name: "投递改名部" },
  ]);
  await syncTo(page, app, "succeeded");
  await expect.poll(() => receiver.received.length).toBe(2);
  expect(verify(verifier, receiver.received[1])).toMatchObject({
    type: "department.renamed",
    data: { after: { name: "投递改名部" } },
  });

  await page.goto(address);
  await page.getByRole("rowheader", { name: "Department renamed" }).getByRole("link").click();
  await expect(page.getByText("投递改名部")).toBeVisible();
  await expectNoViolations(page);
  await page.getByRole("button", { name: "Send again" }).click();
  await expect.poll(() => receiver.received.length).toBe(3);
  expect(receiver.received[2]?.headers["webhook-id"]).toBe(receiver.received[1]?.headers["webhook-id"]);
  await page.goto(address);
  await expect(page.getByRole("rowheader", { name: "Department renamed" })).toHaveCount(2);
  const text = await (await page.request.get(`${address}/settings`)).text();
  for (const one of [secret, "tokenInQuery"]) expect(text.includes(one), "shown only once").toBe(false);
  await expectNoViolations(page);
  await page.goto(organization);
  await expect(page.getByText("2 delivered")).toBeVisible();
  await page.goto(address);

  await page.getByRole("link", { name: "Webhook settings" }).click();
  await page.getByRole("button", { name: "Replace the secret" }).click();
  await expect(page.locator("[data-secret]")).not.toHaveText(secret);
  await expectNoViolations(page);
  await page.getByRole("button", { name: "Disable" }).click();
  await expect(page.getByRole("button", { name: "Enable", exact: true })).toBeVisible();
  await page.goto(address);
  await expect(page.getByText("This webhook was disabled by")).toBeVisible();
  await page.getByRole("button", { name: "Enable" }).click();
  await expect(page.getByText("Enabled", { exact: true })).toBeVisible();
  await page.getByRole("link", { name: "Webhook settings" }).click();
  await page.getByRole("button", { name: "Delete webhook" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Delete webhook" }).click();
  await expect(page.getByText("Webhooks tell your systems")).toBeVisible();
  receiver.close();
});
