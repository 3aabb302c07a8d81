import { prepareEveryPage } from "./support/every-page";
import { expect, test } from "./support/fixtures";
import { ORIGIN } from "./support/origin";
import { cookiesOf, measureSizes } from "./support/page-sizes";
import { excessesOf, needsSession, PAGE_TYPES } from "./support/page-types";
import { builtPages } from "./support/routes";

test("every page of the build has a limit for its first load", () => {
  expect(PAGE_TYPES.flatMap(({ routes }) => routes).sort()).toEqual(
    [...builtPages().filter((route) => route !== "/"), "/_not-found"].sort(),
  );
});

test("the first load of each page stays within the limits of its type", async ({ page }) => {
  const addressOf = await prepareEveryPage(page);
  const signedIn = await cookiesOf(page.context());
  for (const type of PAGE_TYPES) {
    for (const route of type.routes) {
      const sizes = await measureSizes(ORIGIN + addressOf(route), needsSession(route) ? signedIn : "");
      const files = sizes.files.map(({ path, bytes }) => `${bytes} ${path}`).join("\n");
      expect.soft(excessesOf(type, sizes), `${route}\n${files}`).toEqual([]);
      expect(Math.min(sizes.scripts, sizes.styles, sizes.payload), "measured sizes").toBeGreaterThan(1_000);
    }
  }
});
