import { expect, makePerson, signIn, signUpByForm, test } from "./support/fixtures";

test("a person signs up, signs out and signs in again, and is told nothing by a wrong pair", async ({
  page,
}) => {
  const person = makePerson();
  const path = await signUpByForm(page, person);
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  await expect(page).toHaveTitle(new RegExp(person.organization));

  await page.getByRole("button", { name: "Account menu" }).click();
  await page.getByRole("menuitem", { name: "Sign out" }).click();
  await page.waitForURL("**/sign-in");
  await page.goto(path);
  await expect(page).toHaveURL(/\/sign-in\?next=/);

  const answers: string[] = [];
  for (const email of [person.email, makePerson().email]) {
    await signIn(page, { email, password: "not the password" });
    answers.push(await page.getByRole("alert").filter({ hasText: /./ }).innerText());
  }
  expect(answers).toEqual([answers[0], answers[0]]);

  await page.goto(path);
  await page.getByLabel("Email").fill(person.email);
  await page.getByLabel("Password", { exact: true }).fill(person.password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.waitForURL(`**${path}`);
});

test("S1 a copied cookie is dead after sign-out", async ({ page, newBrowser }) => {
  const path = await signUpByForm(page, makePerson());
  const thief = await newBrowser();
  await thief.addCookies(await page.context().cookies());
  const stolen = await thief.newPage();
  await stolen.goto(path);
  await expect(stolen, "the copy works while the session lives").toHaveURL(new RegExp(`${path}$`));

  await page.getByRole("button", { name: "Account menu" }).click();
  await page.getByRole("menuitem", { name: "Sign out" }).click();
  await page.waitForURL("**/sign-in");

  await stolen.goto(path);
  await expect(stolen).toHaveURL(/\/sign-in/);
});

test("S5 signing in leads to our own pages, whatever the address asked for", async ({ page }) => {
  const person = makePerson();
  const path = await signUpByForm(page, person);
  const { origin } = new URL(page.url());
  for (const [next, end] of [
    ["//evil.example/a", path],
    ["/\\evil.example", path],
    ["/\t/evil.example", path],
    ["https://evil.example", path],
    ["javascript:alert(1)", path],
    ["/account", "/account"],
  ] as const) {
    await page.context().clearCookies();
    await page.goto(`/sign-in?next=${encodeURIComponent(next)}`);
    await page.getByLabel("Email").fill(person.email);
    await page.getByLabel("Password", { exact: true }).fill(person.password);
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.waitForURL(origin + end);
  }
});

test("what is wrong with a form stands beside its fields, and what was typed stays", async ({ page }) => {
  await page.goto("/sign-up");
  await page.getByLabel("Email").fill("no-address");
  await page.getByLabel("Password", { exact: true }).fill("short");
  await page.getByRole("button", { name: "Create an organization" }).click();
  await expect(page.getByText("This is needed")).toBeVisible();
  await expect(page.getByText("This is not an email address")).toBeVisible();
  await expect(page.getByText("At least 12 characters")).toBeVisible();
  await expect(page.getByLabel("Email")).toHaveValue("no-address");
  // Key by key, while its error is looked at again: no character is lost.
  const password = page.getByLabel("Password", { exact: true });
  await password.clear();
  await password.pressSequentially("mended one by one");
  await expect(password).toHaveValue("mended one by one");
});

test("another organization's page is the page of one that doesn't exist, to its title", async ({
  page,
  newBrowser,
}) => {
  const theirs = await signUpByForm(page, makePerson());
  const other = await (await newBrowser()).newPage();
  await signUpByForm(other, makePerson());
  const seen: { status: number | undefined; text: string }[] = [];
  for (const path of [theirs, "/o/00000000000000000000000000", "/o/no-such"]) {
    const response = await other.goto(path);
    // It comes with the rest of the page, a moment after its beginning.
    await expect(other).toHaveTitle("Page not found – Dingkeep");
    seen.push({ status: response?.status(), text: await other.locator("body").innerText() });
  }
  expect(seen[0]?.status).toBe(404);
  expect(seen).toEqual([seen[0], seen[0], seen[0]]);
});
