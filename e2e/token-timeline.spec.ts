import { makeApiKey } from "./support/api-key";
import { expectNoViolations } from "./support/axe";
import { withDatabase } from "./support/database";
import { expect, makePerson, test } from "./support/fixtures";
import { plantPerson } from "./support/plant-person";
import { idsOf } from "./support/plant-run";
import { connectApp } from "./support/simulated-app";

const countReads = (app: string) =>
  withDatabase(async (client) => {
    const { rows } = await client.query<{ reads: number }>(
      "SELECT sum(reads)::int AS reads FROM token_read_hour WHERE organization_id = $1 AND app_id = $2",
      idsOf(app),
    );
    return rows[0]?.reads;
  });

test("the page charts a service's reads by hour and key, with the token's events below", async ({
  page,
  request,
}) => {
  const path = await plantPerson(page, makePerson());
  const app = await connectApp(page, path);
  await page.goto(`${app}/token`);
  const timeline = page.locator("section", { hasText: "Timeline" }).getByRole("listitem");
  await expect(timeline.first()).toContainText("Obtained, version 1");
  const reads = page.locator("section", { hasText: "Token reads" });
  await expect(reads).toContainText("No service read the token in this period");
  await expect(reads.getByRole("link", { name: "API keys" })).toBeVisible();

  const key = await makeApiKey(page, path, "erp-prod", ["token:read"]);
  const address = `/api/v1${app.replace(path, "")}/token`;
  const headers = { authorization: `Bearer ${key}` };
  for (let read = 0; read < 3; read += 1) {
    expect((await request.get(address, { headers })).status()).toBe(200);
  }

  // Counts are saved every 5 s
  await expect.poll(() => countReads(app), { timeout: 20_000 }).toBe(3);
  await page.goto(`${app}/token`);
  await expect(reads).toContainText(/erp-prod\s*3/);
  await expectNoViolations(page);
  await reads.getByText("Show as a table").click();
  await expect(reads.getByRole("columnheader", { name: "erp-prod" })).toBeVisible();
  // Two rows if an hour ends during the test.
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
  await expect(timeline.filter({ hasText: "Reported as rejected" })).toContainText("by API key erp-prod");
});
