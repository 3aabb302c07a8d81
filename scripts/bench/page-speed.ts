import type { Page } from "@playwright/test";
import { focused, openDirectory } from "@/e2e/support/directory-page";

/** A laptop on an office's Wi-Fi (design.md 8). */
const CPU_SLOWER = 4;
const BYTES_PER_SECOND = 10_000_000 / 8;
const LATENCY_MS = 40;
/** Long after the last thing that moves. */
const SETTLED_MS = 1_500;
/** What a browser's own clock for reactions begins with. */
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
  /** As Chromium counts it; 0 is still. */
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

/** How fast a page is there, on a slower machine with a slower network. `page` has nothing in its cache. */
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

/** @returns of each key in the tree the time until the browser painted its effect; 16 ms for all that were faster */
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
