import { expect, test } from "vitest";
import { WaitingRequests } from "./waiting-requests";

test("S30 WaitingRequests admits 100 requests of one key and 2,000 of one process", () => {
  const waiting = new WaitingRequests();
  const ends = Array.from({ length: 100 }, () => waiting.enter("one"));
  expect(() => waiting.enter("one")).toThrow(expect.objectContaining({ code: "rate_limited" }));
  for (let index = 100; index < 2_000; index += 1) waiting.enter(`key ${index}`);
  expect(() => waiting.enter("another")).toThrow(
    expect.objectContaining({ code: "unavailable", retryAfterSeconds: 5 }),
  );

  ends[0]?.();
  ends[0]?.();
  expect(waiting.count).toBe(1_999);
  waiting.enter("another");
  expect(() => waiting.enter("one more")).toThrow();
});

test("WaitingRequests gives one organization at most half of the free places, with any number of keys", () => {
  const waiting = new WaitingRequests();
  const enterAll = (organization: string) => {
    for (let entered = 0; ; entered += 1)
      try {
        waiting.enter(organization, `key ${entered}`);
      } catch (error) {
        expect(error).toMatchObject({ code: "rate_limited", retryAfterSeconds: 5 });
        return entered;
      }
  };
  expect(["one", "two", "three"].map(enterAll)).toEqual([1_000, 500, 250]);
  const leave = waiting.enter("four", "key");
  leave();
  leave();
  expect(waiting.count).toBe(1_750);
});
