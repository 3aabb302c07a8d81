import { describe, expect, test } from "vitest";
import { AppError } from "@/lib/errors";
import { RunIsOver } from "../../runs/run-errors";
import { activeCheck } from "./call-wrappers";

const away = new AppError("unavailable", "away");

/** A check whose answers the test gives one by one. */
function openCheck() {
  const asked: PromiseWithResolvers<boolean>[] = [];
  const pauses: number[] = [];
  const check = activeCheck({
    isActive: () => {
      asked.push(Promise.withResolvers());
      return asked.at(-1)?.promise ?? Promise.reject(new Error("never"));
    },
    sleep: async (ms) => void pauses.push(ms),
  });
  return { check, asked, pauses };
}

/** Waits until all pending promises have settled. */
const settle = () => new Promise((resolve) => setImmediate(resolve));

describe("activeCheck", () => {
  test("passes while the run is active, and throws when it is not", async () => {
    const { check, asked } = openCheck();
    const [first] = [check()];
    asked[0]?.resolve(true);
    await expect(first).resolves.toBeUndefined();

    const second = check();
    asked[1]?.resolve(false);
    await expect(second).rejects.toBeInstanceOf(RunIsOver);
  });

  test("never returns an answer older than the question, and shares one query among waiting callers", async () => {
    const { check, asked } = openCheck();
    const early = check();
    const late = [check(), check(), check()];
    asked[0]?.resolve(true);
    await early;
    await settle();

    expect(asked).toHaveLength(2);
    asked[1]?.resolve(false);
    for (const each of late) await expect(each).rejects.toBeInstanceOf(RunIsOver);
  });

  test("recovers after a failure", async () => {
    const { check, asked } = openCheck();
    const [first, second] = [check(), check()];
    asked[0]?.reject(new Error("bug"));
    await expect(first).rejects.toThrow("bug");
    await settle();
    asked[1]?.resolve(true);
    await expect(second).resolves.toBeUndefined();
  });

  test("waits for a short database outage, and fails after half a minute", async () => {
    const moment = openCheck();
    const passed = moment.check();
    moment.asked[0]?.reject(away);
    await settle();
    moment.asked[1]?.resolve(true);
    await expect(passed).resolves.toBeUndefined();
    expect(moment.pauses).toEqual([1_000]);

    let asked = 0;
    const forever = activeCheck({
      isActive: async () => {
        asked += 1;
        throw away;
      },
      sleep: async () => {},
    });
    await expect(forever()).rejects.toBe(away);
    expect(asked).toBe(30);
  });
});
