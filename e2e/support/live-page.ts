import type { Page } from "@playwright/test";
import { expect } from "./fixtures";

/** Longer than the poll interval of a page: 15 s, or 3 s while a sync runs. */
const PAUSE_MS = 16_000;

type Timeout = { readonly timeout: number };

/**
 * Advances the page's timers until `check` passes, instead of waiting for the next poll.
 *
 * @param page with a clock that was installed before the page was opened
 */
export async function waitForUpdate(page: Page, check: (timeout: Timeout) => Promise<void>): Promise<void> {
  await expect(async () => {
    await page.clock.fastForward(PAUSE_MS);
    await check({ timeout: 1_000 });
  }).toPass({ timeout: 30_000, intervals: [50] });
}
