import { readFileSync } from "node:fs";
import { expect, type Page } from "@playwright/test";
import type axe from "axe-core";
import { ORIGIN } from "./origin";

declare global {
  interface Window {
    axe: typeof axe;
    next: { readonly router: { refresh(): void } };
  }
}

/** The package's own `source` is not minified, and a browser reads it on every page for twice as long. */
const SOURCE = readFileSync("node_modules/axe-core/axe.min.js", "utf8");

const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

type Language = "zh-CN" | "en";
type Look = { readonly language: Language; readonly colorScheme: "dark" | "light" };

/** Covers both languages and both color schemes in two looks, because neither depends on the other. */
export const LOOKS: readonly Look[] = [
  { language: "zh-CN", colorScheme: "dark" },
  { language: "en", colorScheme: "light" },
];

/** All that another scheme changes of a page. */
const OF_COLORS = ["color-contrast", "link-in-text-block"];

/** axe finds nothing on the whole page. Nothing is let through: a rule that has to be, would stand here with its reason and its end. */
export const expectNoViolations = (page: Page, what = ""): Promise<void> =>
  look(page, what, { type: "tag", values: TAGS });

/** Runs axe in the page, and injects it once per page load. Frames are not searched: no page has any. */
async function look(page: Page, what: string, runOnly: axe.RunOnly): Promise<void> {
  await settle(page);
  if (!(await page.evaluate(() => "axe" in window))) await page.evaluate(SOURCE);
  const violations = await page.evaluate(async (only) => {
    // Details of violations only, without selectors: what is not read costs time.
    const found = await window.axe.run(document, {
      runOnly: only,
      resultTypes: ["violations"],
      selectors: false,
    });
    return found.violations.map(({ id, nodes }) => [
      id,
      nodes.map(({ html, failureSummary }) => [html, failureSummary]),
    ]);
  }, runOnly);
  expect(violations, what).toEqual([]);
}

/** What fades in or changes its color has come to its end; what turns for ever isn't waited for. */
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
  for (const { colorScheme } of LOOKS) {
    await page.emulateMedia({ colorScheme });
    await expect(page.locator("html")).toHaveAttribute("data-mantine-color-scheme", colorScheme);
    const rules: axe.RunOnly =
      colorScheme === "dark" ? { type: "tag", values: TAGS } : { type: "rule", values: OF_COLORS };
    await look(page, `${what} ${colorScheme}`, rules);
  }
}

/** Switches the open page to another look without loading the page again: the page keeps its state. */
export async function switchTo(page: Page, look: Look): Promise<void> {
  await show(page, look);
  await refresh(page);
  await expect(page.locator("html")).toHaveAttribute("lang", look.language);
}

/** Finds no violations in any look of the open page, which is in English afterwards. */
export async function expectNoViolationsInEveryLook(page: Page, what: string): Promise<void> {
  for (const look of LOOKS) {
    await switchTo(page, look);
    await expectNoViolations(page, `${what} ${look.language}`);
  }
}

/** Chooses the language of the pages that are opened from now on. */
export async function speak(page: Page, language: Language): Promise<void> {
  await page.context().addCookies([{ name: "dingkeep.locale", value: language, url: ORIGIN }]);
}

/** Chooses language and color scheme of the pages that are opened from now on. */
export async function show(page: Page, { language, colorScheme }: Look): Promise<void> {
  await speak(page, language);
  await page.emulateMedia({ colorScheme });
}

/** Renders the open page again, as the language switch does, in less time than a reload. */
const refresh = (page: Page): Promise<void> => page.evaluate(() => window.next.router.refresh());
