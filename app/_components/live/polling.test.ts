import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { type PollSpeed, startPolling } from "./polling";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** Starts polling on a fake page. */
function open(speed: PollSpeed) {
  const page = Object.assign(new EventTarget(), { hidden: false });
  const polled = vi.fn<(signal: AbortSignal) => Promise<PollSpeed>>(async () => speed);
  const stop = startPolling(polled, speed, page);
  page.dispatchEvent(new Event("pointerdown"));
  const times = async (ms: number) => {
    polled.mockClear();
    await vi.advanceTimersByTimeAsync(ms);
    return polled.mock.calls.length;
  };
  return { page, polled, stop, times };
}

describe("startPolling", () => {
  test("polls every 15 s, and every 3 s while a sync runs", async () => {
    expect(await open("slow").times(MINUTE)).toBe(4);
    expect(await open("fast").times(MINUTE)).toBe(20);
  });

  test("stops when the callback returns stop or the page is left", async () => {
    const stopped = open("slow");
    stopped.polled.mockResolvedValue("stop");
    expect(await stopped.times(MINUTE)).toBe(1);
    const left = open("slow");
    left.stop();
    expect(await left.times(MINUTE)).toBe(0);
    left.page.dispatchEvent(new Event("keydown"));
    expect(await left.times(MINUTE)).toBe(0);
  });

  test("pauses while the page is hidden, and polls at once when it is shown again", async () => {
    const { page, times, polled } = open("slow");
    page.hidden = true;
    expect(await times(5 * MINUTE)).toBe(0);
    page.hidden = false;
    page.dispatchEvent(new Event("visibilitychange"));
    expect(polled).toHaveBeenCalledOnce();
    expect(await times(MINUTE)).toBe(4);
  });

  test("S1 stops after half an hour without input, so that the session can become idle", async () => {
    const { page, times, polled } = open("slow");
    await times(20 * MINUTE);
    page.dispatchEvent(new Event("pointermove"));
    expect(await times(29 * MINUTE)).toBeGreaterThan(100);
    await times(2 * MINUTE);
    expect(await times(60 * MINUTE)).toBe(0);
    const again = vi.fn<() => Promise<PollSpeed>>(async () => "slow");
    const stop = startPolling(again, "slow", page);
    await times(MINUTE);
    expect(again, "a refresh is no input").not.toHaveBeenCalled();
    stop();
    page.dispatchEvent(new Event("keydown"));
    expect(polled).toHaveBeenCalledOnce();
    expect(await times(MINUTE)).toBe(4);
  });
});
