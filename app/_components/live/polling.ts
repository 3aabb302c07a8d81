const SLOW_MS = 15_000;
/** While a sync runs. */
const FAST_MS = 3_000;
/**
 * Polling stops this long after the last input. A refreshed page counts as use of the session, which would never
 * become idle on an open page otherwise (S1).
 */
const IDLE_AFTER_MS = 30 * 60_000;
const INPUTS = ["pointermove", "pointerdown", "keydown", "scroll"] as const;

/** Shared by the whole tab, because a refreshed page starts polling again without any input. */
let lastInputAtMs: number | null = null;

export type PollSpeed = "slow" | "fast" | "stop";

type Page = Pick<Document, "hidden" | "addEventListener" | "removeEventListener">;

/**
 * Polls while the page is visible and in use, and at once when either becomes true again.
 *
 * @param speed until the first answer
 * @returns a function that stops polling
 */
export function startPolling(
  poll: (signal: AbortSignal) => Promise<PollSpeed>,
  speed: PollSpeed,
  page: Page = document,
): () => void {
  const ended = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  lastInputAtMs ??= Date.now();
  let isPaused = false;
  const schedule = (next: PollSpeed) => {
    clearTimeout(timer);
    if (next !== "stop") timer = setTimeout(() => void run(), next === "fast" ? FAST_MS : SLOW_MS);
  };
  const run = async () => {
    clearTimeout(timer);
    isPaused = page.hidden || Date.now() - (lastInputAtMs ?? 0) > IDLE_AFTER_MS;
    if (isPaused) return;
    const next = await poll(ended.signal);
    if (!ended.signal.aborted) schedule(next);
  };
  const onInput = () => {
    lastInputAtMs = Date.now();
    if (isPaused && !page.hidden) void run();
  };
  const events = [...INPUTS, "visibilitychange"] as const;
  for (const event of events) page.addEventListener(event, onInput, { passive: true, capture: true });
  schedule(speed);
  return () => {
    ended.abort();
    clearTimeout(timer);
    for (const event of events) page.removeEventListener(event, onInput, { capture: true });
  };
}

/** How many polls a refresh waits while the pointer is on a list whose rows it could move. */
const REFRESH_DELAYS_MAX = 4;

const isListHovered = () => document.querySelector("[data-steady]:hover") !== null;

/** Returns a function that reports after each poll whether a refresh of the page has to wait. */
export function makeRefreshDelay(): () => boolean {
  let delays = 0;
  return () => {
    const isDelayed = isListHovered() && delays < REFRESH_DELAYS_MAX;
    delays = isDelayed ? delays + 1 : 0;
    return isDelayed;
  };
}
