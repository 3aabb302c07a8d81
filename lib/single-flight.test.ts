import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { SingleFlight, SingleFlightTimeout } from "@/lib/single-flight";

const LIMIT_MS = 1_000;

describe("SingleFlight", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  test("runs work once for all callers with the same key", async () => {
    const singleFlight = new SingleFlight<string>(LIMIT_MS);
    const work = vi.fn(async () => "done");
    const results = ["a", "a", "b"].map((key) => singleFlight.run(key, work, undefined));

    expect(await Promise.all(results)).toEqual(["done", "done", "done"]);
    expect(work).toHaveBeenCalledTimes(2);
  });

  test("starts the work again after a failure", async () => {
    const singleFlight = new SingleFlight<string>(LIMIT_MS);
    await expect(singleFlight.run("a", () => Promise.reject(new Error("no")), undefined)).rejects.toThrow(
      "no",
    );

    expect(await singleFlight.run("a", async () => "done", undefined)).toBe("done");
  });

  test("rejects all callers of work that exceeds the time limit, and starts it again for the next", async () => {
    const singleFlight = new SingleFlight<string>(LIMIT_MS);
    let signal: AbortSignal | undefined;
    const stuck = singleFlight.run("a", (given) => ((signal = given), new Promise(() => {})), undefined);
    const rejected = expect(stuck).rejects.toBeInstanceOf(SingleFlightTimeout);
    await vi.advanceTimersByTimeAsync(LIMIT_MS);
    await rejected;

    expect(signal?.aborted).toBe(true);
    expect(await singleFlight.run("a", async () => "done", undefined)).toBe("done");
  });

  test("continues the work for the other callers when one aborts", async () => {
    const singleFlight = new SingleFlight<string>(LIMIT_MS);
    const { promise, resolve } = Promise.withResolvers<string>();
    const controller = new AbortController();
    const patient = singleFlight.run("a", () => promise, undefined);
    const impatient = singleFlight.run("a", () => promise, controller.signal);
    controller.abort(new Error("enough"));

    await expect(impatient).rejects.toThrow("enough");
    resolve("done");
    expect(await patient).toBe("done");
  });
});
