import type { Page } from "@playwright/test";
import { expect } from "./fixtures";

/** Longer than the pause between two looks of a page at the server: 15 s, and 3 s while a sync runs. */
const PAUSE_MS = 16_000;

type Timeout = { readonly timeout: number };

/**
 * Lets a page notice by itself what has changed, without waiting for its timers: they are moved on until it has.
 *
 * @param page its clock was installed before it was opened
 */
export async function notices(page: Page, check: (timeout: Timeout) => Promise<void>): Promise<void> {
  await expect(async () => {
    await page.clock.fastForward(PAUSE_MS);
    await check({ timeout: 1_000 });
  }).toPass({ timeout: 30_000, intervals: [50] });
}
