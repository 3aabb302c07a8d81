import type { Browser, BrowserContext } from "@playwright/test";

/** Undoing these methods is impossible or easily forgotten. */
const LASTING = [
  "addInitScript",
  "exposeBinding",
  "exposeFunction",
  "grantPermissions",
  "route",
  "routeWebSocket",
  "setGeolocation",
  "setOffline",
] as const;

/** Marks a context when a test changes it in a way that outlasts its pages. */
function markWhenChanged(context: BrowserContext, changed: WeakSet<BrowserContext>): void {
  const wrap = <T extends object>(target: T, method: keyof T) => {
    const original = target[method] as (...args: unknown[]) => unknown;
    const wrapped = (...args: unknown[]) => {
      changed.add(context);
      return original.apply(target, args);
    };
    Object.assign(target, { [method]: wrapped });
  };
  for (const method of LASTING) wrap(context, method);
  for (const method of ["install", "pauseAt", "setFixedTime", "setSystemTime"] as const)
    wrap(context.clock, method);
}

/**
 * Gives each test browser contexts without pages and cookies. A worker uses a context again, because loading and
 * compiling the scripts for an empty cache takes more CPU time than most pages. Only files that never change are cached.
 */
export class SharedBrowsers {
  readonly #free = new Map<string, BrowserContext[]>();
  readonly #kinds = new WeakMap<BrowserContext, string>();
  readonly #changed = new WeakSet<BrowserContext>();

  /** @param options options of new contexts that `test.use` sets; a context is used again only for equal ones */
  async take(browser: Browser, options: object): Promise<BrowserContext> {
    const kind = JSON.stringify(options);
    const free = this.#free.get(kind)?.pop();
    if (free) return free;
    const context = await browser.newContext();
    this.#kinds.set(context, kind);
    markWhenChanged(context, this.#changed);
    return context;
  }

  /** Closes the context's pages and keeps the context, unless the test failed or has changed the context for good. */
  async giveBack(context: BrowserContext, hasFailed: boolean): Promise<void> {
    // Closing the context takes the screenshots of a failed test.
    if (hasFailed || this.#changed.has(context)) return context.close();
    await Promise.all(context.pages().map((page) => page.close()));
    // The console stores everything else per tab.
    await context.clearCookies();
    const kind = this.#kinds.get(context) ?? "";
    this.#free.set(kind, [...(this.#free.get(kind) ?? []), context]);
  }
}
