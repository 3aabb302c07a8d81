import { parsePublicId } from "@/lib/public-id";
import { withDatabase } from "./support/database";
import { expect, makePerson, test } from "./support/fixtures";
import { plantPerson } from "./support/plant-person";

const isUsed = (organization: string) =>
  withDatabase(async (client) => {
    const { rows } = await client.query(
      "SELECT FROM api_key WHERE organization_id = $1 AND last_used_at IS NOT NULL",
      [parsePublicId(organization.split("/")[2] ?? "")],
    );
    return rows.length === 1;
  });

test("a key is created, shown once, used, shown as used, and revoked", async ({ page, request }) => {
  const person = makePerson();
  const organization = await plantPerson(page, person);
  await page.goto(organization);
  await page.getByRole("link", { name: "API keys" }).click();
  await page.getByRole("link", { name: "Create an API key" }).click();

  await page.getByRole("button", { name: "Create an API key" }).click();
  await expect(page.getByLabel("Name"), "the first invalid field has the focus").toBeFocused();
  await page.getByLabel("Name").fill("erp-prod");
  await page.getByLabel("Read apps").check();
  await page.getByLabel("Allowed IP addresses (optional)").fill("no address");
  await page.getByRole("button", { name: "Create an API key" }).click();
  await expect(page.getByText("Enter an IP address or a network")).toBeVisible();
  await page.getByLabel("Allowed IP addresses (optional)").fill("");
  await page.getByRole("button", { name: "Create an API key" }).click();

  await expect(page.getByRole("heading", { name: "This key is shown only once" })).toBeFocused();
  const key = (await page.locator("code").textContent()) ?? "";
  expect(key).toMatch(/^dk_[0-9a-z]{26}_[0-9a-f]{50}$/);
  await page.getByRole("button", { name: "Done" }).press("Enter");
  await expect(page.locator("code"), "the key stays until it is saved").toBeVisible();
  await page.getByLabel("I've saved this key").check();
  await page.getByRole("button", { name: "Done" }).click();

  const row = page.getByRole("row").filter({ hasText: "erp-prod" });
  await expect(row).toContainText("Never used");
  await expect(row).toContainText(`Created by ${person.email}`);
  const call = () => request.get("/api/v1/apps", { headers: { authorization: `Bearer ${key}` } });
  const answer = await call();
  expect({ status: answer.status(), body: await answer.json() }).toEqual({ status: 200, body: { apps: [] } });
  await expect.poll(() => isUsed(organization)).toBe(true);
  await page.reload();
  await expect(row).not.toContainText("Never used");

  await row.getByRole("button", { name: "Revoke erp-prod" }).click();
  await page.getByRole("button", { name: "Revoke", exact: true }).last().click();
  await expect(row).toContainText("Revoked");
  await expect(page.getByRole("heading", { level: 1 })).toBeFocused();
  await expect.poll(async () => (await call()).status()).toBe(401);
  expect((await (await call()).json()).code).toBe("unauthenticated");
});

test("a key that was shown once appears in no page, URL, history entry or reload", async ({ page }) => {
  const organization = await plantPerson(page, makePerson());
  await page.goto(organization);
  await page.goto(`${organization}/api-keys/new`);
  await page.getByLabel("Name").fill("once");
  await page.getByLabel("Read apps").check();
  await page.getByRole("button", { name: "Create an API key" }).click();
  const key = (await page.locator("code").textContent()) ?? "";
  await page.reload();
  await expect(page).toHaveURL(new RegExp(`${organization}/api-keys$`));
  await expect(page.getByRole("row").filter({ hasText: "once" })).toBeVisible();
  const [secret = ""] = key.split("_").slice(-1);
  expect(await page.content()).not.toContain(secret);
  await page.goBack();
  expect(await onceLoaded(() => page.content())).not.toContain(secret);
  const stored = () =>
    page.evaluate(() =>
      JSON.stringify([history.state, Object.entries(sessionStorage), Object.entries(localStorage)]),
    );
  expect(await onceLoaded(stored)).not.toContain(secret);
});

/** Retries `read` until it succeeds, because reading fails while the page navigates. */
async function onceLoaded(read: () => Promise<string>): Promise<string> {
  let text: string | null = null;
  await expect.poll(async () => (text = await read().catch(() => null))).not.toBeNull();
  return text ?? "";
}
