import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { Flights, FlightTooLong } from "@/lib/single-flight";

const LIMIT_MS = 1_000;

describe("a flight", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  test("is shared by all who want the same, and by nobody else", async () => {
    const flights = new Flights<string>(LIMIT_MS);
    const work = vi.fn(async () => "done");
    const joined = ["a", "a", "b"].map((key) => flights.join(key, work, undefined));

    expect(await Promise.all(joined)).toEqual(["done", "done", "done"]);
    expect(work).toHaveBeenCalledTimes(2);
  });

  test("that failed is not kept: the next one begins anew", async () => {
    const flights = new Flights<string>(LIMIT_MS);
    await expect(flights.join("a", () => Promise.reject(new Error("no")), undefined)).rejects.toThrow("no");

    expect(await flights.join("a", async () => "done", undefined)).toBe("done");
  });

  test("that never ends is given up: all are told, and the next one begins anew", async () => {
    const flights = new Flights<string>(LIMIT_MS);
    let signal: AbortSignal | undefined;
    const stuck = flights.join("a", (given) => ((signal = given), new Promise(() => {})), undefined);
    const told = expect(stuck).rejects.toBeInstanceOf(FlightTooLong);
    await vi.advanceTimersByTimeAsync(LIMIT_MS);
    await told;

    expect(signal?.aborted).toBe(true);
    expect(await flights.join("a", async () => "done", undefined)).toBe("done");
  });

  test("goes on for the others when one gives up", async () => {
    const flights = new Flights<string>(LIMIT_MS);
    const { promise, resolve } = Promise.withResolvers<string>();
    const controller = new AbortController();
    const patient = flights.join("a", () => promise, undefined);
    const impatient = flights.join("a", () => promise, controller.signal);
    controller.abort(new Error("enough"));

    await expect(impatient).rejects.toThrow("enough");
    resolve("done");
    expect(await patient).toBe("done");
  });
});
