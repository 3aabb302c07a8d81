import { expect, test } from "vitest";
import { mix } from "./chart-colors";

test("mixes colors in six-digit and three-digit notation", () => {
  expect(mix("#3d53c6", "#ffffff", 0.5)).toBe("#9ea9e3");
  expect(mix("#3d53c6", "#fff", 0.5)).toBe("#9ea9e3");
  expect(mix("#000", "#1a1d23", 0)).toBe("#1a1d23");
});
