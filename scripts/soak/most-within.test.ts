import { expect, test } from "vitest";
import { mostWithin } from "./most-within";

test("the most within a stretch is looked for everywhere, both ends included", () => {
  expect(mostWithin([], 10)).toBe(0);
  expect(mostWithin([0, 11, 22, 33], 10)).toBe(1);
  expect(mostWithin([0, 10, 50, 55, 60, 61], 10)).toBe(3);
  expect(mostWithin([61, 60, 55, 50, 51], 11)).toBe(5);
});
