import { afterAll, afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { hashPassword, verifyPassword } from "./password";

// The native code can't be passed in, and how many of it run at once can't be seen from outside.
const argon = vi.hoisted(() => ({ hash: vi.fn(), verify: vi.fn() }));
vi.mock("@node-rs/argon2", () => argon);
afterAll(() => vi.doUnmock("@node-rs/argon2"));

/** What runs, in the order in which it began; each ends when the test says so. */
let running: { end(value: unknown): void; fail(error: Error): void }[] = [];

const begin = () =>
  new Promise((end, fail) => {
    running.push({ end, fail });
  });

/** Lets everything that can go on go on. */
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

describe("S6 the desk for passwords", () => {
  test("hashes at most two at once, whatever asks, and the others in their order", async () => {
    const done: number[] = [];
    const all = [0, 1, 2, 3].map(async (index) => {
      await (index % 2 === 0 ? hashPassword("x", ["office"]) : verifyPassword("$hash", "x", ["office"]));
      done.push(index);
    });
    await settled();
    expect(running).toHaveLength(2);

    running.shift()?.end("x");
    await settled();
    expect(running, "the place is handed over, and not twice").toHaveLength(2);
    await endAll();
    await Promise.all(all);
    expect(done).toEqual([0, 1, 2, 3]);
  });

  test("lets fifty wait and refuses the next, with the seconds until it may come back", async () => {
    const all = Array.from({ length: 52 }, () => verifyPassword("$hash", "x", ["office"]));
    await settled();
    await expect(verifyPassword("$hash", "x", ["office"])).rejects.toMatchObject({
      code: "rate_limited",
      retryAfterSeconds: expect.any(Number),
    });
    expect(argon.verify, "who is refused costs nothing").toHaveBeenCalledTimes(2);

    await endAll();
    expect(await Promise.all(all)).toEqual(Array.from({ length: 52 }, () => true));
  });

  test("takes a waiting place from whoever has the most for somebody who has none", async () => {
    const flood = Promise.allSettled(
      Array.from({ length: 52 }, () => verifyPassword("$hash", "x", ["attacker"])),
    );
    await settled();
    const person = verifyPassword("$hash", "x", ["person"]);
    await endAll();
    expect(await person).toBe(true);
    expect((await flood).filter(({ status }) => status === "rejected")).toHaveLength(1);
  });

  test("is free again afterwards, also after what failed", async () => {
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

  test("also holds for the hash that nobody has, at whichever moment it is made", async () => {
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
  test("are argon2id's by OWASP's first choice: 19 MiB, two passes, one lane", async () => {
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

  test.each([null, undefined])(
    "a hash that is %s is opened by no password, not even by its own",
    async (none) => {
      const answer = verifyPassword(none, "x", ["office"]);
      await settled();
      await endAll();
      expect(await answer).toBe(false);
      expect(argon.verify).toHaveBeenCalledTimes(1);
    },
  );
});
