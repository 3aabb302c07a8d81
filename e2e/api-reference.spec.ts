import { expectNoViolations } from "./support/axe";
import { expect, makePerson, test } from "./support/fixtures";
import { plantPerson } from "./support/plant-person";

test("the API reference needs no key and no external files, keeps the content policy and works by keyboard", async ({
  page,
  request,
}) => {
  const asked = new Set<string>();
  page.on("request", (one) => asked.add(new URL(one.url()).origin));
  await page.goto(await plantPerson(page, makePerson()));
  const answered = page.waitForResponse((one) => one.url().endsWith("/api/v1/docs"));
  await page.getByRole("link", { name: "API reference" }).click();
  await expect(page).toHaveURL(/\/api\/v1\/docs$/);
  expect((await answered).headers()["content-security-policy"]).toContain("'strict-dynamic'");
  await expect(page.getByText("List departments by page, in ID order")).toBeVisible();
  await expect(page.getByText("Connect an app after verifying its credentials with DingTalk")).toBeVisible();
  await expect(page).toHaveTitle("Dingkeep API – Dingkeep");
  await expectNoViolations(page, "reference");
  expect([...asked]).toEqual([new URL(page.url()).origin]);

  await test.step("buttons show the keyboard focus, and the dialog returns it", async () => {
    const copy = page.getByRole("button", { name: "Copy path to clipboard" }).first();
    await copy.focus();
    await page.keyboard.press("Shift+Tab");
    await page.keyboard.press("Tab");
    await expect(copy).toBeFocused();
    await expect(async () => expect((await copy.boundingBox())?.width).toBe(24)).toPass();

    const authorize = page.getByRole("button", { name: "Authorize", exact: true });
    await authorize.focus();
    await page.keyboard.press("Enter");
    const dialog = page.getByRole("dialog", { name: "Available authorizations" });
    await expect(dialog.getByRole("textbox")).toBeFocused();
    for (let stops = 0; stops < 6; stops++) {
      await page.keyboard.press("Tab");
      await expect(dialog.locator(":focus"), "the focus stays in the dialog").toHaveCount(1);
    }
    await page.keyboard.press("Escape");
    await expect(dialog).toHaveCount(0);
    await expect(authorize).toBeFocused();
  });

  expect((await request.get("/api/v1/docs")).status(), "without a session").toBe(200);
  const document = (await (await request.get("/api/v1/openapi.json")).json()) as {
    readonly openapi: string;
    readonly paths: Record<string, Record<string, { readonly security: unknown }>>;
  };
  expect(document.openapi).toBe("3.1.1");
  expect(document.paths["/apps/{appId}/token"]?.get?.security).toEqual([{ key: ["token:read"] }]);
  const zh = await request.get("/api/v1/openapi.json", { headers: { "accept-language": "zh-CN" } });
  expect(await zh.text()).toContain("分页列出部门");
  expect((await request.get("/api/v1/docs/package.json")).status()).toBe(404);
});
