import { expectNoViolations } from "./support/axe";
import { expect, makePerson, test } from "./support/fixtures";
import { plantPerson } from "./support/plant-person";

test("the API's reference is served from here, without a key, under the policy of every page", async ({
  page,
  request,
}) => {
  const asked = new Set<string>();
  page.on("request", (one) => asked.add(new URL(one.url()).origin));
  const answer = await page.goto("/api/v1/docs");
  expect(answer?.headers()["content-security-policy"]).toContain("'strict-dynamic'");
  await expect(page.getByText("Departments by page, in the order of their ids")).toBeVisible();
  await expect(page).toHaveTitle("Dingkeep API – Dingkeep");
  await expectNoViolations(page, "reference");
  expect([...asked]).toEqual([new URL(page.url()).origin]);

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

test("the console leads to it", async ({ page }) => {
  await page.goto(await plantPerson(page, makePerson()));
  await page.getByRole("link", { name: "API reference" }).click();
  await expect(page).toHaveURL(/\/api\/v1\/docs$/);
  await expect(page.getByText("Connect an app; DingTalk is asked about it first")).toBeVisible();
});
