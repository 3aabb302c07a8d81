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

/** A page, whether it is seen, and somebody who asks at a pace. */
function open(pace: PollSpeed) {
  const page = Object.assign(new EventTarget(), { hidden: false });
  const asked = vi.fn<(signal: AbortSignal) => Promise<PollSpeed>>(async () => pace);
  const stop = startPolling(asked, pace, page);
  page.dispatchEvent(new Event("pointerdown"));
  const times = async (ms: number) => {
    asked.mockClear();
    await vi.advanceTimersByTimeAsync(ms);
    return asked.mock.calls.length;
  };
  return { page, asked, stop, times };
}

describe("an open page", () => {
  test("asks every 15 s, and every 3 s while something runs", async () => {
    expect(await open("quiet").times(MINUTE)).toBe(4);
    expect(await open("busy").times(MINUTE)).toBe(20);
  });

  test("asks nothing more once it was told so, or was left", async () => {
    const told = open("quiet");
    told.asked.mockResolvedValue("end");
    expect(await told.times(MINUTE)).toBe(1);
    const left = open("quiet");
    left.stop();
    expect(await left.times(MINUTE)).toBe(0);
    left.page.dispatchEvent(new Event("keydown"));
    expect(await left.times(MINUTE)).toBe(0);
  });

  test("asks nothing while it is hidden, and at once when it is seen again", async () => {
    const { page, times, asked } = open("quiet");
    page.hidden = true;
    expect(await times(5 * MINUTE)).toBe(0);
    page.hidden = false;
    page.dispatchEvent(new Event("visibilitychange"));
    expect(asked).toHaveBeenCalledOnce();
    expect(await times(MINUTE)).toBe(4);
  });

  test("S1 asks nothing once nobody was there for half an hour, so that the session can be idle", async () => {
    const { page, times, asked } = open("quiet");
    await times(20 * MINUTE);
    page.dispatchEvent(new Event("pointermove"));
    expect(await times(29 * MINUTE)).toBeGreaterThan(100);
    await times(2 * MINUTE);
    expect(await times(60 * MINUTE)).toBe(0);
    const again = vi.fn<() => Promise<PollSpeed>>(async () => "quiet");
    const stop = startPolling(again, "quiet", page);
    await times(MINUTE);
    expect(again, "a page that was read anew is no person").not.toHaveBeenCalled();
    stop();
    page.dispatchEvent(new Event("keydown"));
    expect(asked).toHaveBeenCalledOnce();
    expect(await times(MINUTE)).toBe(4);
  });
});
