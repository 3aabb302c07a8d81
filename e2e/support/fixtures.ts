import { randomBytes, randomInt } from "node:crypto";
import {
  type BrowserContext,
  test as base,
  type ConsoleMessage,
  expect,
  type Page,
  type WebError,
} from "@playwright/test";
import { findMarks } from "@/lib/testing/marks";
import { Answers } from "./answers";
import { callAction } from "./call-action";
import { ORIGIN } from "./origin";
import { builtAction } from "./routes";
import { SharedBrowsers } from "./shared-browsers";
import { SUITE_MARKS } from "./suite-marks";

export { expect };

/** Data of a user who signs up. */
export type Person = { readonly email: string; readonly password: string; readonly organization: string };

/** One password for all users of a process, because each hash costs time. */
const PASSWORD = `${SUITE_MARKS.password}-${randomBytes(6).toString("hex")}`;

export function makePerson(): Person {
  const id = randomBytes(6).toString("hex");
  return {
    email: `${id}@example.test`,
    password: PASSWORD,
    organization: `组织 ${id}`,
  };
}

/** Returns a random address, because requests without a session are limited by address. */
const makeAddress = () => `203.0.${randomInt(256)}.${randomInt(1, 255)}`;

/** Signs up with the form and returns the organization's path. */
export async function signUpByForm(page: Page, person: Person): Promise<string> {
  await page.goto("/sign-up");
  await page.getByLabel("Organization").fill(person.organization);
  await page.getByLabel("Email").fill(person.email);
  await page.getByLabel("Password", { exact: true }).fill(person.password);
  await page.getByRole("button", { name: "Create an organization" }).click();
  await page.waitForURL(/\/o\/[0-9a-z]{26}$/);
  return new URL(page.url()).pathname;
}

/** Signs up and in with the forms' requests; opens no page. Returns the organization's path. */
export async function signUpByRequest(page: Page, person: Person): Promise<string> {
  const { email, password } = person;
  const action = { id: builtAction("signUpAction").id, path: "/sign-up" };
  const { state } = await callAction(page, action, { form: { ...person } });
  const { data } = state as { readonly data?: { readonly organization: string } };
  if (!data) throw new Error(`sign-up failed: ${JSON.stringify(state)}`);
  const { csrfToken } = (await (await page.request.get("/api/auth/csrf")).json()) as { csrfToken: string };
  const signedIn = await page.request.post("/api/auth/callback/credentials", {
    headers: { origin: ORIGIN },
    form: { csrfToken, email, password, json: "true" },
  });
  if (!signedIn.ok()) throw new Error(`sign-in failed: ${signedIn.status()}`);
  return `/o/${data.organization}`;
}

/** Creates another organization for the signed-in user. @returns the path of its overview */
export async function createOrganization(page: Page, organization: string): Promise<string> {
  await page.goto("/organizations/new");
  await page.getByLabel("Organization").fill(organization);
  await page.getByRole("button", { name: "Create organization" }).click();
  await page.waitForURL(/\/o\/[0-9a-z]{26}$/);
  return new URL(page.url()).pathname;
}

export async function signIn(
  page: Page,
  { email, password }: Pick<Person, "email" | "password">,
): Promise<void> {
  await page.goto("/sign-in");
  await page.getByLabel("Email").fill(email);
  await page.getByLabel("Password", { exact: true }).fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
}

const EXPECTED_ERRORS = /Failed to load resource: the server responded with a status of 4\d\d/;

type Fixtures = {
  readonly pageErrors: string[];
  readonly answers: Answers;
  readonly openBrowser: () => Promise<BrowserContext>;
  readonly newBrowser: () => Promise<BrowserContext>;
};

/**
 * Watches the pages of every test: a violation of the content security policy, a script error, an error on the console
 * (S34) or an answer with a secret (S21) fails the test.
 */
export const test = base.extend<Fixtures, { readonly sharedBrowsers: SharedBrowsers }>({
  sharedBrowsers: [async ({}, use) => use(new SharedBrowsers()), { scope: "worker" }],
  pageErrors: [
    async ({}, use) => {
      const pageErrors: string[] = [];
      await use(pageErrors);
      expect(pageErrors).toEqual([]);
    },
    { auto: true },
  ],
  answers: [
    async ({}, use) => {
      const answers = new Answers();
      await use(answers);
      for (const { path, text } of await answers.all())
        expect(findMarks(text, SUITE_MARKS), `secrets in the answer of ${path}`).toEqual([]);
    },
    { auto: true },
  ],
  openBrowser: async (
    { browser, sharedBrowsers, pageErrors, answers, hasTouch, isMobile, viewport },
    use,
    info,
  ) => {
    const open: { readonly context: BrowserContext; readonly unwatch: () => void }[] = [];
    await use(async () => {
      const context = await sharedBrowsers.take(browser, { hasTouch, isMobile, viewport });
      open.push({ context, unwatch: await watch(context, pageErrors, answers) });
      return context;
    });
    const hasFailed = info.status !== info.expectedStatus;
    for (const { context, unwatch } of open) {
      await sharedBrowsers.giveBack(context, hasFailed);
      unwatch();
    }
  },
  context: async ({ openBrowser }, use) => use(await openBrowser()),
  request: async ({ playwright, baseURL }, use) => {
    const extraHTTPHeaders = { "x-forwarded-for": makeAddress() };
    const request = await playwright.request.newContext({ ...(baseURL && { baseURL }), extraHTTPHeaders });
    await use(request);
    await request.dispose();
  },
  newBrowser: async ({ openBrowser }, use) => use(openBrowser),
});

/** Records errors and answers of a browser's pages. @returns a function that ends the recording */
async function watch(context: BrowserContext, pageErrors: string[], answers: Answers): Promise<() => void> {
  const unwatchAnswers = answers.watch(context);
  await context.setExtraHTTPHeaders({ "x-forwarded-for": makeAddress() });
  const recordError = (error: WebError) => pageErrors.push(`script: ${error.error().message}`);
  const recordMessage = (message: ConsoleMessage) => {
    const isBad = message.type() === "error" || /content security policy/i.test(message.text());
    if (isBad && !EXPECTED_ERRORS.test(message.text())) pageErrors.push(`console: ${message.text()}`);
  };
  context.on("weberror", recordError).on("console", recordMessage);
  return () => {
    unwatchAnswers();
    context.off("weberror", recordError).off("console", recordMessage);
  };
}
