import AxeBuilder from "@axe-core/playwright";
import { expect, type Page } from "@playwright/test";

const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

export const LANGUAGES = ["zh-CN", "en"] as const;
export type Language = (typeof LANGUAGES)[number];

const SCHEMES = ["dark", "light"] as const;

/** axe finds nothing on the whole page. Nothing is let through: a rule that has to be, would stand here with its reason and its end. */
export async function expectNoViolations(page: Page, what = ""): Promise<void> {
  const { violations } = await new AxeBuilder({ page })
    // What is in order isn't described.
    .options({ resultTypes: ["violations"] })
    .withTags(TAGS)
    // No page has frames: without this each look opens a page of its own to put their results together.
    .setLegacyMode()
    .analyze();
  expect(
    violations.map(({ id, nodes }) => [id, nodes.map(({ html, failureSummary }) => [html, failureSummary])]),
    what,
  ).toEqual([]);
}

/** What fades in or changes its colour has come to its end; what turns for ever isn't waited for. */
function settle(page: Page): Promise<void> {
  const moving = () =>
    page.evaluate(
      () =>
        document
          .getAnimations()
          .filter(
            (one) => one.playState === "running" && Number.isFinite(one.effect?.getComputedTiming().endTime),
          ).length,
    );
  return expect.poll(moving).toBe(0);
}

/** The same in both schemes: the page stays as it is and follows the system's. */
export async function expectNoViolationsInBoth(page: Page, what: string): Promise<void> {
  for (const colorScheme of SCHEMES) {
    await page.emulateMedia({ colorScheme });
    await expect(page.locator("html")).toHaveAttribute("data-mantine-color-scheme", colorScheme);
    await settle(page);
    await expectNoViolations(page, `${what} ${colorScheme}`);
  }
}

/** Chooses the language of the pages that are opened from now on. */
export async function speak(page: Page, language: Language): Promise<void> {
  const { origin } = new URL(page.url());
  await page.context().addCookies([{ name: "dingkeep.locale", value: language, url: origin }]);
}
