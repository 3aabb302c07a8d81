import { describe, expect, test } from "vitest";
import { stateAfter } from "./app-state";

describe("stateAfter", () => {
  test.each([
    ["verified", "failed", "degraded"],
    ["verified", "broke", "broken"],
    ["verified", "retried", "verified"],
    ["degraded", "failed", "degraded"],
    ["degraded", "worked", "verified"],
    ["degraded", "allowed", "verified"],
    ["degraded", "broke", "broken"],
    ["degraded", "passed", "verified"],
    ["broken", "retried", "degraded"],
    ["broken", "passed", "verified"],
    ["broken", "worked", "verified"],
    ["broken", "allowed", "verified"],
    ["broken", "failed", "broken"],
    ["broken", "broke", "broken"],
  ] as const)("changes the state %s on the outcome %s to %s", (state, outcome, next) => {
    expect(stateAfter(state, outcome)).toBe(next);
  });

  test.each(["draft", "disabled"] as const)("never changes the state %s", (state) => {
    for (const outcome of ["worked", "failed", "broke", "allowed", "retried", "passed"] as const) {
      expect(stateAfter(state, outcome)).toBe(state);
    }
  });
});
