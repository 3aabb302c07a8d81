import { parsePublicId } from "@/lib/public-id";
import { makeApiKey } from "./support/api-key";
import { withDatabase } from "./support/database";
import { expect, makePerson, test } from "./support/fixtures";
import { plantPerson } from "./support/plant-person";
import { connectApp } from "./support/simulated-app";
import { connectAndSync } from "./support/synced-app";

const READ = "topapi/v2/department/get";

/** Sets the number of an app's billable calls in this month. */
const plantCalls = (app: string, charged: number) =>
  withDatabase((client) => {
    const [, , organization = "", , appId] = app.split("/");
    return client.query(
      `INSERT INTO call_month (organization_id, app_id, caller_id, month, charged, free, throttled)
       VALUES ($1, $2, gen_random_uuid(), to_char(now() AT TIME ZONE 'Asia/Shanghai', 'YYYY-MM'), $3, 0, 0)`,
      [parsePublicId(organization), appId, charged],
    );
  });

test("a gateway call is in the log, is found by every filter, and the filtered URL can be shared", async ({
  page,
  request,
}) => {
  const organization = await plantPerson(page, makePerson());
  // The sync's calls end before the test's own, so that those are the newest in the log.
  const app = await connectAndSync(page, organization);
  const key = await makeApiKey(page, organization, "erp-prod", ["gateway:read"]);
  const call = (path: string, data: object) =>
    request.post(`/dingtalk/${path}`, { headers: { authorization: `Bearer ${key}` }, data });
  expect((await (await call(READ, { dept_id: 1, mark: "13800138000" })).json()).errcode).toBe(0);
  const refused = await (await call(READ, { dept_id: 987_654_321 })).json();
  expect(refused.errcode).not.toBe(0);

  const logged = () =>
    withDatabase(async (client) => {
      const { rows } = await client.query<{ calls: number }>(
        "SELECT count(*)::int AS calls FROM logged_call WHERE organization_id = $1 AND path = $2 AND key_id IS NOT NULL",
        [parsePublicId(organization.split("/")[2] ?? ""), READ],
      );
      return rows[0]?.calls;
    });
  await expect.poll(logged).toBe(2);
  await page.goto(app);
  await page.getByRole("link", { name: "Calls" }).first().click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Calls");
  const rows = page.getByRole("row").filter({ hasText: READ }).filter({ hasText: "erp-prod" });
  await expect(rows).toHaveCount(2);
  await expect(page.locator("main")).not.toContainText("13800138000");

  // The loaded page's script may not have started yet.
  await expect(async () => {
    await page.getByLabel("Caller").selectOption("erp-prod");
    await expect(page.getByRole("row").filter({ hasText: "Dingkeep" })).toHaveCount(0, {
      timeout: 2_000,
    });
  }).toPass();
  await expect(rows).toHaveCount(2);
  await page.getByLabel("Outcome").selectOption("Rejected by DingTalk");
  await expect(rows).toHaveCount(1);
  await expect(rows).toContainText(String(refused.errcode));
  await page.reload();
  await expect(rows, "filters stay after a reload").toHaveCount(1);

  await page.goto(`${organization}/calls`);
  await page.getByLabel("DingTalk request ID").fill(refused.request_id);
  await page.getByLabel("DingTalk request ID").press("Enter");
  await expect(rows).toHaveCount(1);
  await page.getByLabel("Path contains").fill("nowhere/");
  await page.getByRole("button", { name: "Search", exact: true }).click();
  await expect(page.locator("main").getByText("No matching calls")).toBeVisible();
  await page.getByRole("link", { name: "Clear filters" }).click();
  await expect(rows).toHaveCount(2);
  await expect(page.getByLabel("Path contains")).toHaveValue("");
});

test("an empty log explains its contents, and a log with gaps shows their size", async ({ page }) => {
  const organization = await plantPerson(page, makePerson());
  await page.goto(`${organization}/calls`);
  await expect(page.getByText("No calls yet")).toBeVisible();
  await withDatabase((client) =>
    client.query("INSERT INTO call_gap (organization_id, day, calls) VALUES ($1, current_date, 1234)", [
      parsePublicId(organization.split("/")[2] ?? ""),
    ]),
  );
  await page.reload();
  await expect(page.getByText("1,234 calls in the last 30 days couldn't be logged")).toBeVisible();
});

test("the app's page and the log warn from 80 % of the monthly quota until a larger edition is set", async ({
  page,
}) => {
  const organization = await plantPerson(page, makePerson());
  const app = await connectApp(page, organization);
  await plantCalls(app, 3_999);
  await page.goto(app);
  await expect(page.getByText("3,999 of 5,000 billable calls")).toBeVisible();
  await expect(page.getByText("You've used"), "no warning below 80 %").toHaveCount(0);
  await plantCalls(app, 1);
  for (const path of [app, `${organization}/calls`]) {
    await page.goto(path);
    await expect(page.getByText("You've used 80% of this month's calls")).toBeVisible();
  }
  await withDatabase((client) =>
    client.query("UPDATE dingtalk_app SET quota_used_up_at = now() WHERE id = $1", [app.split("/").at(-1)]),
  );
  await page.goto(app);
  await expect(page.getByText("used up (90020)")).toBeVisible();

  await page.getByRole("link", { name: "Change monthly call limit" }).click();
  await expect(async () => {
    await page.getByLabel("Monthly call limit").selectOption("Other");
    await expect(page.getByLabel("Custom limit")).toBeVisible({ timeout: 2_000 });
  }).toPass();
  await page.getByLabel("Custom limit").fill("0");
  await page.getByRole("button", { name: "Save" }).first().click();
  await expect(page.getByLabel("Custom limit")).toHaveAttribute("aria-invalid", "true");
  await page.getByLabel("Custom limit").fill("20000");
  await page.getByRole("button", { name: "Save" }).first().click();
  await expect(page.getByText("Saved").first()).toBeVisible();
  await page.goto(app);
  await expect(page.getByText("4,000 of 20,000 billable calls")).toBeVisible();
  await expect(page.getByText("used up (90020)")).toHaveCount(0);
});
