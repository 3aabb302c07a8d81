import { expect, makePerson, signIn, signUpByForm, test } from "./support/fixtures";
import { ORIGIN } from "./support/origin";
import { plantPerson } from "./support/plant-person";

test("S1 a person signs up, signs out, which ends a copied cookie too, and signs in again; a wrong pair tells nothing", async ({
  page,
  newBrowser,
}) => {
  const person = makePerson();
  const path = await signUpByForm(page, person);
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  await expect(page).toHaveTitle(new RegExp(person.organization));
  const thief = await newBrowser();
  await thief.addCookies(await page.context().cookies());
  const steal = () => thief.request.get(path, { maxRedirects: 0 });
  expect((await steal()).status(), "the copy works while the session lives").toBe(200);

  await page.getByRole("button", { name: "Account menu" }).click();
  await page.getByRole("menuitem", { name: "Sign out" }).click();
  await page.waitForURL("**/sign-in");
  expect((await steal()).headers().location).toMatch(/^\/sign-in\?next=/);

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

test("S5 signing in leads to our own pages, whatever the address asked for", async ({ page }) => {
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

test("what is wrong with a form stands beside its fields, and what was typed stays", async ({ page }) => {
  await page.goto("/sign-up");
  await page.getByLabel("Email").fill("no-address");
  await page.getByLabel("Password", { exact: true }).fill("short");
  await page.getByRole("button", { name: "Create an organization" }).click();
  await expect(page.getByText("This field is required")).toBeVisible();
  await expect(page.getByText("Enter a valid email address")).toBeVisible();
  await expect(page.getByText("At least 12 characters")).toBeVisible();
  await expect(page.getByLabel("Email")).toHaveValue("no-address");
  // Key by key, while its error is looked at again: no character is lost.
  const password = page.getByLabel("Password", { exact: true });
  await password.clear();
  await password.pressSequentially("mended one by one");
  await expect(password).toHaveValue("mended one by one");
});
