import { readFileSync } from "node:fs";
import { expect, type Page } from "@playwright/test";
import type axe from "axe-core";
import { ORIGIN } from "./origin";

declare global {
  interface Window {
    axe: typeof axe;
    next: { readonly router: { push(address: string): void; refresh(): void } };
  }
}

/** The minified file, because the package's `source` is not minified and takes a browser twice as long on every page. */
const SOURCE = readFileSync("node_modules/axe-core/axe.min.js", "utf8");

const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

type Language = "zh-CN" | "en";
export type Appearance = { readonly language: Language; readonly colorScheme: "dark" | "light" };

/** Covers both languages and both color schemes with two combinations, because they are independent. */
export const APPEARANCES: readonly [Appearance, Appearance] = [
  { language: "zh-CN", colorScheme: "dark" },
  { language: "en", colorScheme: "light" },
];

/** Rules whose result depends on the color scheme. */
const COLOR_RULES = ["color-contrast", "link-in-text-block"];

/** Rules whose result depends on the language or on the size of text. Empty messages fail a test of the catalogs. */
const LANGUAGE_RULES = [
  "document-title",
  "html-has-lang",
  "html-lang-valid",
  "scrollable-region-focusable",
  "target-size",
  "valid-lang",
];

/** Expects no violations on the whole page, without exceptions. */
export const expectNoViolations = (page: Page, what = ""): Promise<void> =>
  runAxe(page, what, { type: "tag", values: TAGS });

/** Expects no violations on a page that passed `expectNoViolations` in the other appearance. */
export const expectNoOtherViolations = (page: Page, what: string): Promise<void> =>
  runAxe(page, what, { type: "rule", values: [...COLOR_RULES, ...LANGUAGE_RULES] });

/** Runs axe in the page, and injects it once per page load. Frames are not searched: no page has any. */
async function runAxe(page: Page, what: string, runOnly: axe.RunOnly): Promise<void> {
  await settle(page);
  if (!(await page.evaluate(() => "axe" in window))) await page.evaluate(SOURCE);
  const violations = await page.evaluate(async (only) => {
    // Only details of violations, without selectors, to save time.
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

/** Waits for the end of transitions and animations, except endless ones. */
function settle(page: Page): Promise<void> {
  const countAnimations = () =>
    page.evaluate(
      () =>
        document
          .getAnimations()
          .filter(
            (one) => one.playState === "running" && Number.isFinite(one.effect?.getComputedTiming().endTime),
          ).length,
    );
  return expect.poll(countAnimations).toBe(0);
}

/** Expects no violations in both color schemes, without loading the page again. */
export async function expectNoViolationsInBothSchemes(page: Page, what: string): Promise<void> {
  for (const { colorScheme } of APPEARANCES) {
    await page.emulateMedia({ colorScheme });
    await expect(page.locator("html")).toHaveAttribute("data-mantine-color-scheme", colorScheme);
    const rules: axe.RunOnly =
      colorScheme === "dark" ? { type: "tag", values: TAGS } : { type: "rule", values: COLOR_RULES };
    await runAxe(page, `${what} ${colorScheme}`, rules);
  }
}

/** Switches the open page to another appearance without a reload, so that the page keeps its state. */
export async function switchAppearance(page: Page, appearance: Appearance): Promise<void> {
  await setAppearance(page, appearance);
  await refresh(page);
  await expect(page.locator("html")).toHaveAttribute("lang", appearance.language);
}

/** Expects no violations in any appearance of the open page, which is in English afterwards. */
export async function expectNoViolationsInEveryAppearance(page: Page, what: string): Promise<void> {
  const [first, second] = APPEARANCES;
  await switchAppearance(page, first);
  await expectNoViolations(page, `${what} ${first.language}`);
  await switchAppearance(page, second);
  await expectNoOtherViolations(page, `${what} ${second.language}`);
}

/** Sets the language of the next page loads. */
export async function setLanguage(page: Page, language: Language): Promise<void> {
  await page.context().addCookies([{ name: "dingkeep.locale", value: language, url: ORIGIN }]);
}

/** Sets language and color scheme of the next page loads. */
export async function setAppearance(page: Page, { language, colorScheme }: Appearance): Promise<void> {
  await setLanguage(page, language);
  await page.emulateMedia({ colorScheme });
}

/** Renders the open page again, as the language switch does, in less time than a reload. */
const refresh = (page: Page): Promise<void> => page.evaluate(() => window.next.router.refresh());
