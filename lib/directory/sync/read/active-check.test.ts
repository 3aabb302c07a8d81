import { describe, expect, test } from "vitest";
import { AppError } from "@/lib/errors";
import { RunIsOver } from "../../runs/run-errors";
import { activeCheck } from "./retrying-calls";

const away = new AppError("unavailable", "away");

/** A check whose answers the test gives one by one. */
function openCheck() {
  const queries: PromiseWithResolvers<boolean>[] = [];
  const pauses: number[] = [];
  const check = activeCheck({
    isActive: () => {
      queries.push(Promise.withResolvers());
      return queries.at(-1)?.promise ?? Promise.reject(new Error("never"));
    },
    sleep: async (ms) => void pauses.push(ms),
  });
  return { check, queries, pauses };
}

/** Waits until all pending promises have settled. */
const settle = () => new Promise((resolve) => setImmediate(resolve));

describe("activeCheck", () => {
  test("passes while the run is active, and throws when it is not", async () => {
    const { check, queries } = openCheck();
    const [first] = [check()];
    queries[0]?.resolve(true);
    await expect(first).resolves.toBeUndefined();

    const second = check();
    queries[1]?.resolve(false);
    await expect(second).rejects.toBeInstanceOf(RunIsOver);
  });

  test("never returns an answer older than the question, and shares one query among waiting callers", async () => {
    const { check, queries } = openCheck();
    const early = check();
    const late = [check(), check(), check()];
    queries[0]?.resolve(true);
    await early;
    await settle();

    expect(queries).toHaveLength(2);
    queries[1]?.resolve(false);
    for (const each of late) await expect(each).rejects.toBeInstanceOf(RunIsOver);
  });

  test("checks whether the run is active again after a failed check", async () => {
    const { check, queries } = openCheck();
    const [first, second] = [check(), check()];
    queries[0]?.reject(new Error("bug"));
    await expect(first).rejects.toThrow("bug");
    await settle();
    queries[1]?.resolve(true);
    await expect(second).resolves.toBeUndefined();
  });

  test("waits for a short database outage, and fails after half a minute", async () => {
    const moment = openCheck();
    const passed = moment.check();
    moment.queries[0]?.reject(away);
    await settle();
    moment.queries[1]?.resolve(true);
    await expect(passed).resolves.toBeUndefined();
    expect(moment.pauses).toEqual([1_000]);

    let queries = 0;
    const forever = activeCheck({
      isActive: async () => {
        queries += 1;
        throw away;
      },
      sleep: async () => {},
    });
    await expect(forever()).rejects.toBe(away);
    expect(queries).toBe(30);
  });
});
