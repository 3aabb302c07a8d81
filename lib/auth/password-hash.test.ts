import { afterAll, afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { hashPassword, verifyPassword } from "./password-hash";

// The native code can't be injected, and its concurrency can't be observed from outside.
const argon = vi.hoisted(() => ({ hash: vi.fn(), verify: vi.fn() }));
vi.mock("@node-rs/argon2", () => argon);
afterAll(() => vi.doUnmock("@node-rs/argon2"));

/** Running hashes in their order. A test ends each of them. */
let running: { end(value: unknown): void; fail(error: Error): void }[] = [];

const begin = () =>
  new Promise((end, fail) => {
    running.push({ end, fail });
  });

const settled = () => new Promise((resolve) => setImmediate(resolve));

async function endAll(): Promise<void> {
  while (running.length > 0) {
    running.shift()?.end(true);
    await settled();
  }
}

beforeEach(() => {
  running = [];
  argon.hash.mockReset().mockImplementation(begin);
  argon.verify.mockReset().mockImplementation(begin);
});

afterEach(endAll);

describe("S6 hash queue", () => {
  test("runs at most two hashes or comparisons at once, in order", async () => {
    const done: number[] = [];
    const all = [0, 1, 2, 3].map(async (index) => {
      await (index % 2 === 0 ? hashPassword("x", ["office"]) : verifyPassword("$hash", "x", ["office"]));
      done.push(index);
    });
    await settled();
    expect(running).toHaveLength(2);

    running.shift()?.end("x");
    await settled();
    expect(running, "one waiting hash starts").toHaveLength(2);
    await endAll();
    await Promise.all(all);
    expect(done).toEqual([0, 1, 2, 3]);
  });

  test("queues fifty and rejects the next with the seconds until a retry", async () => {
    const all = Array.from({ length: 52 }, () => verifyPassword("$hash", "x", ["office"]));
    await settled();
    await expect(verifyPassword("$hash", "x", ["office"])).rejects.toMatchObject({
      code: "rate_limited",
      retryAfterSeconds: expect.any(Number),
    });
    expect(argon.verify, "a rejected call hashes nothing").toHaveBeenCalledTimes(2);

    await endAll();
    expect(await Promise.all(all)).toEqual(Array.from({ length: 52 }, () => true));
  });

  test("a full queue drops a request of the user with the most to admit a user without any", async () => {
    const flood = Promise.allSettled(
      Array.from({ length: 52 }, () => verifyPassword("$hash", "x", ["attacker"])),
    );
    await settled();
    const other = verifyPassword("$hash", "x", ["other"]);
    await endAll();
    expect(await other).toBe(true);
    expect((await flood).filter(({ status }) => status === "rejected")).toHaveLength(1);
  });

  test("runs the next hashes after failed ones", async () => {
    const failing = [
      verifyPassword("$hash", "x", ["office"]),
      verifyPassword("$hash", "x", ["office"]),
      verifyPassword("$hash", "x", ["office"]),
    ];
    const outcomes = Promise.allSettled(failing);
    await settled();
    while (running.length > 0) {
      running.shift()?.fail(new Error("no memory"));
      await settled();
    }
    expect((await outcomes).map(({ status }) => status)).toEqual(["rejected", "rejected", "rejected"]);

    const next = [
      verifyPassword("$hash", "x", ["office"]),
      verifyPassword("$hash", "x", ["office"]),
      verifyPassword("$hash", "x", ["office"]),
    ];
    await settled();
    expect(running).toHaveLength(2);
    await endAll();
    expect(await Promise.all(next)).toEqual([true, true, true]);
  });

  test("queues comparisons for unknown users too", async () => {
    const all = [
      hashPassword("x", ["office"]),
      hashPassword("x", ["office"]),
      verifyPassword(null, "x", ["office"]),
    ];
    await settled();
    expect(running).toHaveLength(2);
    await endAll();
    await Promise.all(all);
  });
});

describe("S6 hashes", () => {
  test("hashes use OWASP's parameters for argon2id: 19 MiB, two passes, one lane", async () => {
    const hashed = hashPassword("x", ["office"]);
    await settled();
    await endAll();
    await hashed;
    expect(argon.hash).toHaveBeenCalledExactlyOnceWith("x", {
      memoryCost: 19_456,
      timeCost: 2,
      parallelism: 1,
    });
  });

  test.each([null, undefined])("no password matches a hash that is %s", async (none) => {
    const answer = verifyPassword(none, "x", ["office"]);
    await settled();
    await endAll();
    expect(await answer).toBe(false);
    expect(argon.verify).toHaveBeenCalledTimes(1);
  });
});
