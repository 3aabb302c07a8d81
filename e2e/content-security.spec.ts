import { pathToFileURL } from "node:url";
import type { BrowserContext, Page } from "@playwright/test";
import { build } from "esbuild";
import en from "@/messages/en.json" with { type: "json" };
import { whileUnreadable } from "./support/database";
import { expect, makePerson, test } from "./support/fixtures";
import { plantDirectory } from "./support/plant-directory";
import { plantPerson } from "./support/plant-person";
import { builtPages, fillRoute } from "./support/routes";
import { syncApp } from "./support/synced-app";

const POLICY =
  /^default-src 'none'; script-src 'self' 'nonce-([A-Za-z0-9+/]{22}==)' 'strict-dynamic'; style-src 'self' 'nonce-\1'; style-src-attr 'unsafe-inline'; img-src 'self' data:; font-src 'self'; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'$/;

async function collectViolations(context: BrowserContext): Promise<string[]> {
  const violations: string[] = [];
  await context.exposeFunction("recordViolation", (what: string) => violations.push(what));
  await context.addInitScript(() => {
    document.addEventListener("securitypolicyviolation", ({ effectiveDirective, blockedURI }) => {
      const { recordViolation } = window as unknown as { recordViolation: (what: string) => void };
      recordViolation(`${effectiveDirective} ${blockedURI}`);
    });
  });
  return violations;
}

async function expectPolicy(page: Page, address: string, status: number): Promise<void> {
  const response = await page.request.get(address);
  expect(response.status(), address).toBe(status);
  const policy = response.headers()["content-security-policy"] ?? "";
  expect(policy, address).toMatch(POLICY);
  const nonce = POLICY.exec(policy)?.[1];
  const scripts = (await response.text()).match(/<script\b[^>]*>/g) ?? [];
  expect(scripts.length, address).toBeGreaterThan(2);
  expect(
    scripts.filter((script) => !script.includes(`nonce="${nonce}"`)),
    address,
  ).toEqual([]);
}

// A violation appears on the console and fails the test that opened the page. accessibility.spec.ts opens every page.
test("S34 every page has the policy, and its scripts have the policy's nonce", async ({ page }) => {
  const publicPages = builtPages().filter((route) => /^\/(sign|set)/.test(route));
  expect(publicPages.length).toBeGreaterThan(2);
  for (const route of publicPages) await expectPolicy(page, route, 200);
  await expectPolicy(page, "/no-such-page", 404);

  const ids = await syncApp(page, await plantPerson(page, makePerson()));
  const pages = builtPages().filter((route) => route !== "/" && !publicPages.includes(route));
  expect(pages.length).toBeGreaterThan(8);
  for (const route of pages) await expectPolicy(page, fillRoute(route, ids), 200);
  await expectPolicy(page, fillRoute("/o/[organization]", { ...ids, organization: "no-such" }), 404);
});

test("S34 the error page has the policy and no violations", async ({ browser, page }) => {
  const path = await plantPerson(page, makePerson());
  const app = await plantDirectory(path, [{ id: 1 }]);
  // A browser without the fixture's checks, because the failed page logs an error on the console.
  const storageState = await page.context().storageState();
  const context = await browser.newContext({ locale: "en-US", storageState });
  const violations = await collectViolations(context);
  const errorPage = await context.newPage();
  await whileUnreadable("dingtalk_app", path, async () => {
    const response = await errorPage.goto(app);
    expect(response?.headers()["content-security-policy"]).toMatch(POLICY);
    await expect(errorPage.getByRole("heading", { level: 1 })).toHaveText(en.error.oursTitle);
  });
  expect(violations).toEqual([]);
  await context.close();
});

/** Renders the page that the front server sends without Next, bundled like the server. */
async function buildOutagePage(nonce: string): Promise<string> {
  const outfile = ".build/e2e-outage-page.mjs";
  await build({ entryPoints: ["lib/http/outage-page.ts"], outfile, bundle: true, format: "esm" });
  const { outagePage } = (await import(pathToFileURL(outfile).href)) as {
    outagePage: (nonce: string) => string;
  };
  return outagePage(nonce);
}

test("S34 the page for an unavailable database has no violations", async ({ page }) => {
  const violations = await collectViolations(page.context());
  const response = await page.goto("/sign-in");
  const policy = response?.headers()["content-security-policy"] ?? "";
  // The database keeps running for the other tests. server/front/front-server.test.ts tests when this page is sent.
  const body = await buildOutagePage(POLICY.exec(policy)?.[1] ?? "");
  const headers = { "content-security-policy": policy, "content-type": "text/html; charset=utf-8" };
  await page.route("**/down", (route) => route.fulfill({ headers, body }));
  await page.goto("/down").catch(() => null);
  await expect(page.getByRole("heading")).toHaveCount(2);
  expect(await page.locator("main").evaluate((one) => getComputedStyle(one).maxWidth)).toBe("480px");
  expect(violations).toEqual([]);
});

/** Markup that an attacker could inject, with the directive that blocks it. */
const INJECTED = {
  "script-src-elem": `<script>window.ran = "script"</script>`,
  "script-src-attr": `<img src="data:," onerror="window.ran = 'attribute'">`,
  "style-src-elem": `<style>body { display: none }</style>`,
  "img-src": `<img src="https://evil.example/pixel.png">`,
  "frame-src": `<iframe src="https://evil.example/"></iframe>`,
  "base-uri": `<base href="https://evil.example/">`,
} as const;

test("S34 injected markup runs no script, loads nothing and leads nowhere", async ({ browser }) => {
  // A browser without the fixture's checks, because this test causes violations on purpose.
  const context = await browser.newContext();
  const violations = await collectViolations(context);
  const page = await context.newPage();
  await page.route("**/sign-in", async (route) => {
    const response = await route.fetch();
    const html = await response.text();
    const body = html.replace(/<body[^>]*>/, (tag) => tag + Object.values(INJECTED).join(""));
    await route.fulfill({ response, body });
  });
  await page.goto("/sign-in");
  const missing = () =>
    Object.keys(INJECTED).filter((directive) => !violations.some((what) => what.startsWith(directive)));
  await expect.poll(missing).toEqual([]);
  expect(await page.evaluate(() => [Reflect.get(window, "ran"), document.baseURI])).toEqual([
    undefined,
    page.url(),
  ]);
  await context.close();
});
