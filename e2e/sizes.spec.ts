import { prepareEveryPage } from "./support/every-page";
import { expect, test } from "./support/fixtures";
import { measureSizes } from "./support/page-sizes";
import { excessesOf, needsSession, PAGE_TYPES } from "./support/page-types";
import { builtPages } from "./support/routes";

test("every page of the build has limits for its first load", () => {
  expect(PAGE_TYPES.flatMap(({ routes }) => routes).sort()).toEqual(
    [...builtPages().filter((route) => route !== "/"), "/_not-found"].sort(),
  );
});

test("the first load of each page stays within the limits of its type", async ({ page, newBrowser }) => {
  test.setTimeout(120_000);
  const addressOf = await prepareEveryPage(page);
  for (const type of PAGE_TYPES) {
    for (const route of type.routes) {
      // A browser of its own for each, which has nothing in its cache.
      const browser = await newBrowser();
      if (needsSession(route)) await browser.addCookies(await page.context().cookies());
      const sizes = await measureSizes(await browser.newPage(), addressOf(route));
      const files = sizes.files.map(({ path, bytes }) => `${bytes} ${path}`).join("\n");
      expect.soft(excessesOf(type, sizes), `${route}\n${files}`).toEqual([]);
      expect(Math.min(sizes.scripts, sizes.styles, sizes.payload), "what was weighed").toBeGreaterThan(1_000);
    }
  }
});
