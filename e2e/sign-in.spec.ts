import { expect, makePerson, signIn, signUpByForm, test } from "./support/fixtures";
import { ORIGIN } from "./support/origin";
import { plantPerson } from "./support/plant-person";

test("S1 signing out invalidates a copied cookie, and a failed sign-in does not reveal whether the e-mail exists", async ({
  page,
  newBrowser,
}) => {
  const person = makePerson();
  const path = await signUpByForm(page, person);
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  await expect(page).toHaveTitle(new RegExp(person.organization));
  const attacker = await newBrowser();
  await attacker.addCookies(await page.context().cookies());
  const openWithCopiedCookie = () => attacker.request.get(path, { maxRedirects: 0 });
  expect((await openWithCopiedCookie()).status(), "the copied cookie works during the session").toBe(200);

  await page.getByRole("button", { name: "Account menu" }).click();
  await page.getByRole("menuitem", { name: "Sign out" }).click();
  await page.waitForURL("**/sign-in");
  expect((await openWithCopiedCookie()).headers().location).toMatch(/^\/sign-in\?next=/);

  const answers: string[] = [];
  for (const email of [person.email, makePerson().email]) {
    await signIn(page, { email, password: "not the password" });
    answers.push(await page.getByRole("alert").filter({ hasText: /./ }).innerText());
  }
  expect(answers).toEqual([answers[0], answers[0]]);

  await page.goto(path);
  await expect(page).toHaveURL(/\/sign-in\?next=/);
  await page.getByLabel("Email").fill(person.email);
  await page.getByLabel("Password", { exact: true }).fill(person.password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.waitForURL(`**${path}`);
});

test("S5 signing in redirects only to pages of Dingkeep", async ({ page }) => {
  const person = makePerson();
  const path = await plantPerson(page, person);
  const address = (next: string) => `/sign-in?next=${encodeURIComponent(next)}`;
  for (const [next, end] of [
    ["/\\evil.example", "/"],
    ["/\t/evil.example", "/"],
    ["https://evil.example", "/"],
    ["/account", "/account"],
  ] as const) {
    const answer = await page.request.get(address(next), { maxRedirects: 0 });
    expect(answer.headers().location, next).toBe(end);
  }
  for (const [next, end] of [
    ["//evil.example/a", path],
    ["javascript:alert(1)", path],
    ["/account", "/account"],
  ] as const) {
    await page.context().clearCookies();
    await page.goto(address(next));
    await page.getByLabel("Email").fill(person.email);
    await page.getByLabel("Password", { exact: true }).fill(person.password);
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.waitForURL(ORIGIN + end);
  }
});

test("errors of the sign-in appear beside their fields, and the input stays", async ({ page }) => {
  await page.goto("/sign-up");
  await page.getByLabel("Email").fill("no-address");
  await page.getByLabel("Password", { exact: true }).fill("short");
  await page.getByRole("button", { name: "Create an organization" }).click();
  await expect(page.getByText("This field is required")).toBeVisible();
  await expect(page.getByText("Enter a valid email address")).toBeVisible();
  await expect(page.getByText("At least 12 characters")).toBeVisible();
  await expect(page.getByLabel("Email")).toHaveValue("no-address");
  // Each key validates the field again, and no character may get lost.
  const password = page.getByLabel("Password", { exact: true });
  await password.clear();
  await password.pressSequentially("mended one by one");
  await expect(password).toHaveValue("mended one by one");
});
