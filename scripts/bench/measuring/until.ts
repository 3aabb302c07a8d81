import { setTimeout as delay } from "node:timers/promises";

const LOOK_EVERY_MS = 50;

/**
 * Waits until something is so.
 *
 * @returns what `look` then said
 * @throws {Error} naming `what`, when it never was
 */
export async function until<T>(
  what: string,
  look: () => Promise<T | null | false | undefined> | T | null | false | undefined,
  limitMs: number,
): Promise<T> {
  const deadline = Date.now() + limitMs;
  for (;;) {
    const found = await look();
    if (found !== null && found !== false && found !== undefined) return found;
    if (Date.now() > deadline) throw new Error(`${what}: not within ${limitMs / 1_000} s`);
    await delay(LOOK_EVERY_MS);
  }
}
