import { randomUUID } from "node:crypto";
import { hash } from "@node-rs/argon2";
import { afterEach, describe, expect, test, vi } from "vitest";
import { asUser } from "@/lib/db/unit-of-work";
import { makeSession, makeUser, type TestUser } from "@/lib/testing/factories";
import { makePasswordLink, setPasswordByLink } from "./password-link";
import { findSession } from "./sessions";
import { checkCredentials } from "./sign-in";

// Passed through: what is spent on a password can be counted.
vi.mock("@node-rs/argon2", async (importOriginal) => {
  const real = await importOriginal<typeof import("@node-rs/argon2")>();
  return { ...real, hash: vi.fn(real.hash) };
});

const NEW = "a new one that is long";

let addresses = 0;
const caller = () => ({ address: `198.51.100.${++addresses}`, isKnownBrowser: false });
const opens = async ({ email }: TestUser, password: string) =>
  (await checkCredentials({ email, password, ...caller() })) !== null;

afterEach(() => {
  vi.useRealTimers();
});

describe("a link that sets a password", () => {
  test("works once, and signs out every browser of that person", async () => {
    const user = await makeUser();
    const { sessionId } = await makeSession(user);
    const link = await makePasswordLink(user.userId);
    expect(await setPasswordByLink(link, NEW)).toMatchObject({ ok: true });
    expect([await opens(user, user.password), await opens(user, NEW)]).toEqual([false, true]);
    expect(await findSession(sessionId)).toBeNull();
    expect(await setPasswordByLink(link, "another one that is long")).toEqual({ ok: false, error: "spent" });
  });

  test("works for one of two who use it at once", async () => {
    const link = await makePasswordLink((await makeUser()).userId);
    const outcomes = await Promise.all([setPasswordByLink(link, NEW), setPasswordByLink(link, NEW)]);
    expect(outcomes.filter(({ ok }) => ok)).toHaveLength(1);
  });

  test("works for an hour", async () => {
    const user = await makeUser();
    const madeAt = Date.now();
    vi.useFakeTimers({ toFake: ["Date"], now: madeAt });
    const link = await makePasswordLink(user.userId);
    vi.setSystemTime(madeAt + 60 * 60_000 + 1);
    expect(await setPasswordByLink(link, NEW)).toEqual({ ok: false, error: "spent" });
    vi.setSystemTime(madeAt + 60 * 60_000 - 1_000);
    expect(await setPasswordByLink(link, NEW)).toMatchObject({ ok: true });
  });

  test("is replaced by a newer one", async () => {
    const { userId } = await makeUser();
    const older = await makePasswordLink(userId);
    await makePasswordLink(userId);
    expect(await setPasswordByLink(older, NEW)).toEqual({ ok: false, error: "spent" });
  });

  test("doesn't work for a disabled user", async () => {
    const { userId } = await makeUser();
    const link = await makePasswordLink(userId);
    // By the column alone: the operator's command takes the link away as well.
    await asUser({ userId }, (tx) =>
      tx.user.update({ where: { id: userId }, data: { disabledAt: new Date() } }),
    );
    expect(await setPasswordByLink(link, NEW)).toEqual({ ok: false, error: "spent" });
  });

  test("can't be guessed or made from what is kept: only its hash is", async () => {
    const [user, neighbor] = [await makeUser(), await makeUser()];
    const [, secret = ""] = (await makePasswordLink(user.userId)).split(".");
    const stored = await asUser(user, (tx) =>
      tx.user.findUniqueOrThrow({ where: { id: user.userId }, select: { linkHash: true } }),
    );
    const kept = Buffer.from(stored.linkHash ?? []);
    expect(kept).toHaveLength(32);
    const guesses = [
      `${user.userId}.${kept.toString("base64url")}`,
      `${user.userId}.`,
      user.userId,
      `${neighbor.userId}.${secret}`,
      `${randomUUID()}.${secret}`,
      `' OR true --.${secret}`,
      "",
    ];
    const hashes = vi.mocked(hash).mock.calls.length;
    for (const guess of guesses)
      expect(await setPasswordByLink(guess, NEW)).toEqual({ ok: false, error: "spent" });
    expect(vi.mocked(hash).mock.calls.length, "S6 a guess costs nothing").toBe(hashes);
    expect(await setPasswordByLink(`${user.userId}.${secret}`, NEW)).toMatchObject({ ok: true });
  });
});
