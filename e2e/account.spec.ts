import { expect, makePerson, test } from "./support/fixtures";
import { plantPerson, plantSession } from "./support/plant-person";

test("S1 changing the password requires the current one and signs out every other browser", async ({
  page,
  newBrowser,
}) => {
  const person = makePerson();
  const path = await plantPerson(page, person);
  const other = await newBrowser();
  await plantSession(other, person.email);
  const open = () => other.request.get(path, { maxRedirects: 0 });

  await page.goto("/account");
  await page.getByLabel("Current password").fill("not the current one");
  await page.getByLabel("New password").fill("a new and longer password");
  await page.getByRole("button", { name: "Change password" }).click();
  await expect(page.getByText("The current password is incorrect")).toBeVisible();
  expect((await open()).status(), "the other browser is still signed in").toBe(200);

  await page.getByLabel("Current password").fill(person.password);
  await page.getByRole("button", { name: "Change password" }).click();
  await expect(page.getByText("Password changed. Other devices were signed out.")).toBeVisible();
  expect((await open()).headers().location).toMatch(/^\/sign-in/);
});

test("language and appearance persist after they are switched", async ({ page }) => {
  await page.goto(await plantPerson(page, makePerson()));
  await page.getByRole("button", { name: "Language" }).click();
  await page.getByRole("menuitem", { name: "中文" }).click();
  await expect(page.locator("html")).toHaveAttribute("lang", "zh-CN");
  await expect(page.getByRole("heading", { level: 1, name: "开始使用" })).toBeVisible();
  await page.getByRole("button", { name: "外观" }).click();
  await page.getByRole("menuitem", { name: "深色" }).click();
  await page.reload();
  await expect(page.locator("html")).toHaveAttribute("lang", "zh-CN");
  await expect(page.locator("html")).toHaveAttribute("data-mantine-color-scheme", "dark");
});

test("S2 scripts and other sites can't read the session cookie", async ({ page }) => {
  await plantPerson(page, makePerson());
  const session = (await page.context().cookies()).find(({ name }) => name === "dingkeep.session");
  expect(session).toMatchObject({ httpOnly: true, sameSite: "Lax", path: "/" });
});
