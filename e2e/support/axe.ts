import AxeBuilder from "@axe-core/playwright";
import { expect, type Page } from "@playwright/test";

const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

export const LANGUAGES = ["zh-CN", "en"] as const;
export type Language = (typeof LANGUAGES)[number];

const SCHEMES = ["dark", "light"] as const;
/** All that another scheme changes of a page. */
const OF_COLOURS = ["color-contrast", "link-in-text-block"];

/** axe finds nothing on the whole page. Nothing is let through: a rule that has to be, would stand here with its reason and its end. */
export const expectNoViolations = (page: Page, what = ""): Promise<void> =>
  look(page, what, (axe) => axe.withTags(TAGS));

async function look(page: Page, what: string, choose: (axe: AxeBuilder) => AxeBuilder): Promise<void> {
  const axe = new AxeBuilder({ page })
    // What is in order isn't described.
    .options({ resultTypes: ["violations"] })
    // No page has frames: without this each look opens a page of its own to put their results together.
    .setLegacyMode();
  const { violations } = await choose(axe).analyze();
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
  for (const [index, colorScheme] of SCHEMES.entries()) {
    await page.emulateMedia({ colorScheme });
    await expect(page.locator("html")).toHaveAttribute("data-mantine-color-scheme", colorScheme);
    await settle(page);
    await look(page, `${what} ${colorScheme}`, (axe) =>
      index === 0 ? axe.withTags(TAGS) : axe.withRules(OF_COLOURS),
    );
  }
}

/** Chooses the language of the pages that are opened from now on. */
export async function speak(page: Page, language: Language): Promise<void> {
  const { origin } = new URL(page.url());
  await page.context().addCookies([{ name: "dingkeep.locale", value: language, url: origin }]);
}
