"use client";

import { useEffect, useSyncExternalStore } from "react";

const TICK_MS = 10_000;

/** The time when the clock last ticked; 0 before it did. */
let now = 0;
/** How much the server is ahead of this browser, as far as any page has shown: what comes late shows less. */
let ahead = Number.NEGATIVE_INFINITY;
let timer: ReturnType<typeof setInterval> | undefined;
const listeners = new Set<() => void>();

function tick(): void {
  now = Date.now() + ahead;
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  timer ??= setInterval(tick, TICK_MS);
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    clearInterval(timer);
    timer = undefined;
    // Whoever comes next begins with their own page's time.
    now = 0;
  };
}

/**
 * What time it is for the server, every ten seconds. At first the time of the page itself, so that the browser
 * writes what the server wrote; a browser whose clock is wrong doesn't put what has been into the future.
 *
 * @param renderedAt when the server wrote the page, in milliseconds
 */
export function useServerClock(renderedAt: number): number {
  useEffect(() => {
    ahead = Math.max(ahead, renderedAt - Date.now());
  }, [renderedAt]);
  const ticked = useSyncExternalStore(
    subscribe,
    () => now,
    () => 0,
  );
  return Math.max(renderedAt, ticked);
}
