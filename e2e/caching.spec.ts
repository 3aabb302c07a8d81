import type { APIResponse } from "@playwright/test";
import { expect, makePerson, test } from "./support/fixtures";
import { plantPerson } from "./support/plant-person";
import { builtRoutes, fillRoute } from "./support/routes";
import { syncApp } from "./support/synced-app";

/** Files that are equal for every caller and may be cached. */
const PUBLIC_FILES = new Set(["/icon.svg", "/healthz", "/readyz"]);

function expectNotCacheable(response: APIResponse, what: string): void {
  const { "cache-control": control = "", vary = "" } = response.headers();
  expect.soft(control, what).toMatch(/\bno-store\b/);
  expect.soft(control, what).not.toMatch(/public|s-maxage/);
  expect.soft(vary.toLowerCase(), what).toContain("cookie");
}

test("S19 no answer that depends on the caller can be cached, for every caller and status", async ({
  page,
  request,
}) => {
  test.setTimeout(120_000);
  const ids = await syncApp(page, await plantPerson(page, makePerson()));
  const routes = builtRoutes().filter((route) => !PUBLIC_FILES.has(route) && !route.startsWith("/_"));
  expect(routes.length).toBeGreaterThan(15);
  const unknown = { ...ids, organization: "no-such" };
  for (const route of routes) {
    const address = fillRoute(route, ids).replace("[...nextauth]", "session");
    for (const headers of [{ accept: "text/html" }, { rsc: "1" }]) {
      // Next redirects requests for a payload to its URL.
      const options = { headers, maxRedirects: "rsc" in headers ? 1 : 0 };
      expectNotCacheable(await page.request.get(address, options), `${route} ${Object.keys(headers).join()}`);
      expectNotCacheable(await request.get(address, options), `${route} without a session`);
      if (route.includes("[organization]"))
        expectNotCacheable(await page.request.get(fillRoute(route, unknown), options), `no ${route}`);
    }
  }
});
