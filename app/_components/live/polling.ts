const QUIET_MS = 15_000;
/** While a sync runs, whose figures are on the page. */
const BUSY_MS = 3_000;
/**
 * How long after the last key or pointer a page goes on asking. Each time that it then reads itself anew counts
 * as a use of the session, which would otherwise never be idle while a page is left open (S1).
 */
const ATTENDED_MS = 30 * 60_000;
const INPUTS = ["pointermove", "pointerdown", "keydown", "scroll"] as const;

/** Of the tab, and not of one asking: a page that reads itself anew begins another, and is no person. */
let attendedAtMs: number | null = null;

/** How soon to ask again: `end` for not at all. */
export type PollSpeed = "quiet" | "busy" | "end";

type Page = Pick<Document, "hidden" | "addEventListener" | "removeEventListener">;

/**
 * Asks now and then, while the page is seen and somebody is there; at once when either is so again.
 *
 * @param pace until the first answer
 * @returns what ends it
 */
export function startPolling(
  ask: (signal: AbortSignal) => Promise<PollSpeed>,
  pace: PollSpeed,
  page: Page = document,
): () => void {
  const ended = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  attendedAtMs ??= Date.now();
  let isAsleep = false;
  const schedule = (next: PollSpeed) => {
    clearTimeout(timer);
    if (next !== "end") timer = setTimeout(() => void turn(), next === "busy" ? BUSY_MS : QUIET_MS);
  };
  const turn = async () => {
    clearTimeout(timer);
    isAsleep = page.hidden || Date.now() - (attendedAtMs ?? 0) > ATTENDED_MS;
    if (isAsleep) return;
    const next = await ask(ended.signal);
    if (!ended.signal.aborted) schedule(next);
  };
  const wake = () => {
    attendedAtMs = Date.now();
    if (isAsleep && !page.hidden) void turn();
  };
  const events = [...INPUTS, "visibilitychange"] as const;
  for (const event of events) page.addEventListener(event, wake, { passive: true, capture: true });
  schedule(pace);
  return () => {
    ended.abort();
    clearTimeout(timer);
    for (const event of events) page.removeEventListener(event, wake, { capture: true });
  };
}
