import { describe, expect, test } from "vitest";
import { type ActiveJob, holderOf, type Turn, turnFor } from "./sync-turn";

const job = (id: string, queuedAt: number, attempt = 0): ActiveJob => ({ id, attempt, queuedAt });
const turns = (...holders: (ActiveJob | null)[]): Turn[] =>
  holders.map((holder, index) => ({ key: `turn:${index}`, holder: holder && holderOf(holder) }));

describe("turnFor", () => {
  const [a, b, c] = [job("a", 1), job("b", 2), job("c", 3)];

  test("gives a free turn, and the same again to who has one", () => {
    expect(turnFor(a, [a], turns(null))).toBe("turn:0");
    expect(turnFor(a, [a, b], turns(b, a))).toBe("turn:1");
  });

  test("lets wait when all turns are held", () => {
    expect(turnFor(c, [a, b, c], turns(a, b))).toBeNull();
  });

  test("lets nobody overtake who was queued earlier", () => {
    expect(turnFor(c, [a, b, c], turns(a, null))).toBeNull();
    expect(turnFor(b, [a, b, c], turns(a, null))).toBe("turn:1");
    expect(turnFor(c, [a, b, c], turns(null, null, null))).toBe("turn:2");
  });

  test("tells two that were queued at the same time apart", () => {
    const [x, y] = [job("x", 1), job("y", 1)];
    expect([turnFor(x, [y, x], turns(null)), turnFor(y, [y, x], turns(null))]).toEqual(["turn:0", null]);
  });

  test("takes the turn of a job that nobody works on any more, or of an earlier try of the same, for free", () => {
    expect(turnFor(b, [b], turns(a))).toBe("turn:0");
    expect(turnFor(job("a", 1, 1), [job("a", 1, 1)], turns(a))).toBe("turn:0");
    expect(turnFor(b, [job("a", 1, 1), b], turns(a))).toBeNull();
  });

  test("gives none to a job that is not worked on", () => {
    expect(turnFor(a, [b], turns(null, null))).toBeNull();
  });
});
