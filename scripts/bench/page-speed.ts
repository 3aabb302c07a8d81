import type { Page } from "@playwright/test";
import { focused, openDirectory } from "@/e2e/support/directory-page";

/** Simulates a laptop on an office Wi-Fi. */
const CPU_SLOWER = 4;
const BYTES_PER_SECOND = 10_000_000 / 8;
const LATENCY_MS = 40;
/** Longer than the last animation. */
const SETTLED_MS = 1_500;
/** Shortest reaction that a browser's event timing reports. */
const SHORTEST_MS = 16;
const KEYS = [
  ...Array.from({ length: 20 }, () => "ArrowDown"),
  ...Array.from({ length: 10 }, () => "ArrowUp"),
  "ArrowLeft",
  "ArrowRight",
  "End",
  "Home",
  "PageDown",
  "PageUp",
];

export type PageSpeed = {
  readonly largestPaintMs: number;
  /** Chromium's cumulative layout shift; 0 means that nothing moved. */
  readonly layoutShift: number;
};

async function slowDown(page: Page): Promise<void> {
  const session = await page.context().newCDPSession(page);
  await session.send("Emulation.setCPUThrottlingRate", { rate: CPU_SLOWER });
  await session.send("Network.enable");
  await session.send("Network.emulateNetworkConditions", {
    offline: false,
    latency: LATENCY_MS,
    downloadThroughput: BYTES_PER_SECOND,
    uploadThroughput: BYTES_PER_SECOND,
  });
}

/**
 * Measures a page load with a slower CPU and network.
 *
 * @param page has an empty cache
 */
export async function measureSpeed(page: Page, path: string): Promise<PageSpeed> {
  await slowDown(page);
  await page.goto(path, { waitUntil: "load" });
  return page.evaluate(
    (settledMs) =>
      new Promise<PageSpeed>((resolve) => {
        let [largestPaintMs, layoutShift] = [0, 0];
        const watch = (type: string, take: (entry: PerformanceEntry) => void) =>
          new PerformanceObserver((list) => list.getEntries().forEach(take)).observe({
            type,
            buffered: true,
          });
        watch("largest-contentful-paint", ({ startTime }) => {
          largestPaintMs = startTime;
        });
        watch("layout-shift", (entry) => {
          layoutShift += (entry as PerformanceEntry & { value: number }).value;
        });
        setTimeout(() => resolve({ largestPaintMs, layoutShift }), settledMs);
      }),
    SETTLED_MS,
  );
}

export type Reaction = { readonly key: string; readonly ms: number };

/**
 * Measures the time from each key press in the tree to the paint of its effect.
 *
 * @returns milliseconds per key; 16 for all faster ones
 */
export async function measureKeys(page: Page, app: string): Promise<Reaction[]> {
  await openDirectory(page, app);
  await slowDown(page);
  await page.evaluate((shortestMs) => {
    const slow: Reaction[] = [];
    const pressed = new Map<number, string>();
    Object.assign(window, { slow });
    addEventListener("keydown", ({ timeStamp, key }) => pressed.set(timeStamp, key), { capture: true });
    const observer = new PerformanceObserver((list) => {
      for (const { name, startTime, duration } of list.getEntries())
        if (name === "keydown") slow.push({ key: pressed.get(startTime) ?? "?", ms: duration });
    });
    observer.observe({ type: "event", durationThreshold: shortestMs } as PerformanceObserverInit);
  }, SHORTEST_MS);
  for (const key of KEYS) {
    await page.keyboard.press(key);
    await focused(page).waitFor();
  }
  const slow = await page.evaluate(
    (settledMs) =>
      new Promise<Reaction[]>((resolve) => {
        setTimeout(() => resolve((window as unknown as { slow: Reaction[] }).slow), settledMs);
      }),
    SETTLED_MS,
  );
  const fast = KEYS.slice(slow.length).map((key) => ({ key, ms: SHORTEST_MS }));
  return [...slow, ...fast].sort((a, b) => b.ms - a.ms);
}
