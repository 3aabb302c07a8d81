import "server-only";
import { isHearing, subscribe } from "@/lib/db/notifications";
import type { Redacted } from "@/lib/redacted";
import { type AppRef, keyOf } from "./app-ref";
import { TOKEN_NOTICE } from "./schedule-renewal";

type Remembered = { readonly token: Redacted; readonly expiresAt: Date };

/** More apps than a process serves; what is forgotten is read again. */
const REMEMBERED_MAX = 10_000;

/**
 * What one process remembers of tokens, so that a call needs no database: never longer than the token lives,
 * only while this process hears of changes, and by organization and app.
 */
export class TokenMemory {
  readonly #tokens = new Map<string, Remembered>();
  readonly #waiting = new Map<string, Set<() => void>>();
  /** Counts changes, so that what was read before one is not remembered after it. */
  #changes = 0;

  constructor() {
    subscribe(TOKEN_NOTICE, {
      onNotice: ({ organizationId, id }) => this.#forget({ organizationId, appId: id }),
      onStale: () => this.#forgetAll(),
    });
  }

  find(app: AppRef, nowMs: number): Redacted | null {
    const held = this.#tokens.get(keyOf(app));
    return held && held.expiresAt.getTime() > nowMs && isHearing() ? held.token : null;
  }

  /** To be taken before the row is read, and given to `remember` with what was read. */
  get mark(): number {
    return this.#changes;
  }

  remember(app: AppRef, remembered: Remembered, mark: number): void {
    if (mark !== this.#changes || !isHearing()) return;
    if (this.#tokens.size >= REMEMBERED_MAX) this.#tokens.clear();
    this.#tokens.set(keyOf(app), remembered);
  }

  /** Resolves at the next change of the app's token that is heard of. Begin before the row is read. */
  nextChange(app: AppRef): { readonly happened: Promise<void>; stop(): void } {
    const { promise, resolve } = Promise.withResolvers<void>();
    const key = keyOf(app);
    const waiting = this.#waiting.get(key) ?? new Set();
    this.#waiting.set(key, waiting.add(resolve));
    const stop = () => {
      waiting.delete(resolve);
      if (waiting.size === 0 && this.#waiting.get(key) === waiting) this.#waiting.delete(key);
    };
    return { happened: promise, stop };
  }

  #forget(app: AppRef): void {
    this.#changes += 1;
    this.#tokens.delete(keyOf(app));
    for (const wake of this.#waiting.get(keyOf(app)) ?? []) wake();
  }

  #forgetAll(): void {
    this.#changes += 1;
    this.#tokens.clear();
    for (const waiting of this.#waiting.values()) for (const wake of waiting) wake();
  }
}
