import { expectNoViolations } from "./support/axe";
import { expect, makePerson, test } from "./support/fixtures";
import { plantPerson } from "./support/plant-person";
import { connectApp } from "./support/simulated-app";

test("a service's reads are drawn by hour and key, and what happened to the token stands below", async ({
  page,
  request,
}) => {
  const path = await plantPerson(page, makePerson());
  const app = await connectApp(page, path);
  await page.goto(`${app}/token`);
  const timeline = page.locator("section", { hasText: "Timeline" }).getByRole("listitem");
  await expect(timeline.first()).toContainText("Obtained, version 1");
  const reads = page.locator("section", { hasText: "Reads of the token" });
  await expect(reads).toContainText("No service has read the token in this time");
  await expect(reads.getByRole("link", { name: "API keys" })).toBeVisible();

  await page.goto(`${path}/api-keys/new`);
  await page.getByLabel("Name").fill("erp-prod");
  await page.getByLabel("Read tokens").check();
  await page.getByRole("button", { name: "Create an API key" }).click();
  const key = (await page.locator("code").textContent()) ?? "";
  const address = `/api/v1${app.replace(path, "")}/token`;
  const headers = { authorization: `Bearer ${key}` };
  for (let read = 0; read < 3; read += 1) {
    expect((await request.get(address, { headers })).status()).toBe(200);
  }
  await page.getByLabel("I have saved it").check();
  await page.getByRole("button", { name: "Done" }).click();

  // Counts are written every 5 s
  await expect(async () => {
    await page.goto(`${app}/token`);
    await expect(reads).toContainText(/erp-prod\s*3/, { timeout: 500 });
  }).toPass({ timeout: 20_000 });
  await expectNoViolations(page);
  await reads.getByText("Show as a table").click();
  await expect(reads.getByRole("columnheader", { name: "erp-prod" })).toBeVisible();
  // An hour that ends on the way makes two rows of them.
  const counts = await reads.getByRole("cell").allTextContents();
  expect(counts.reduce((sum, count) => sum + Number(count), 0)).toBe(3);
  await expectNoViolations(page);
  await reads.getByRole("link", { name: "7 days" }).click();
  await expect(page).toHaveURL(/\?range=week$/);
  await expect(reads).toContainText(/erp-prod\s*3/);

  const answer = await (await request.get(address, { headers })).json();
  const refused = await request.post(`${address}/invalidate`, { headers, data: { version: answer.version } });
  expect(refused.status()).toBe(200);
  await page.reload();
  await expect(timeline.filter({ hasText: "Reported as refused" })).toContainText("by key erp-prod");
});
