import { randomUUID } from "node:crypto";
import { hash } from "@node-rs/argon2";
import { afterEach, describe, expect, test, vi } from "vitest";
import { asUser } from "@/lib/db/unit-of-work";
import { makeSession, makeUser, type TestUser } from "@/lib/testing/factories";
import { makePasswordLink, setPasswordByLink } from "./password-link";
import { findSession } from "./sessions";
import { checkCredentials } from "./sign-in";

// Wraps the real functions to count calls.
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

describe("setPasswordByLink", () => {
  test("accepts a link once and signs out all of the user's browsers", async () => {
    const user = await makeUser();
    const { sessionId } = await makeSession(user);
    const link = await makePasswordLink(user.userId);
    expect(await setPasswordByLink(link, NEW)).toMatchObject({ ok: true });
    expect([await opens(user, user.password), await opens(user, NEW)]).toEqual([false, true]);
    expect(await findSession(sessionId)).toBeNull();
    expect(await setPasswordByLink(link, "another one that is long")).toEqual({ ok: false, error: "spent" });
  });

  test("accepts a password link for one of two concurrent uses", async () => {
    const link = await makePasswordLink((await makeUser()).userId);
    const outcomes = await Promise.all([setPasswordByLink(link, NEW), setPasswordByLink(link, NEW)]);
    expect(outcomes.filter(({ ok }) => ok)).toHaveLength(1);
  });

  test("accepts a password link for one hour", async () => {
    const user = await makeUser();
    const madeAt = Date.now();
    vi.useFakeTimers({ toFake: ["Date"], now: madeAt });
    const link = await makePasswordLink(user.userId);
    vi.setSystemTime(madeAt + 60 * 60_000 + 1);
    expect(await setPasswordByLink(link, NEW)).toEqual({ ok: false, error: "spent" });
    vi.setSystemTime(madeAt + 60 * 60_000 - 1_000);
    expect(await setPasswordByLink(link, NEW)).toMatchObject({ ok: true });
  });

  test("rejects a password link after a newer one was created", async () => {
    const { userId } = await makeUser();
    const older = await makePasswordLink(userId);
    await makePasswordLink(userId);
    expect(await setPasswordByLink(older, NEW)).toEqual({ ok: false, error: "spent" });
  });

  test("rejects the password link of a disabled user", async () => {
    const { userId } = await makeUser();
    const link = await makePasswordLink(userId);
    // Not `disableUser`, which deletes the link too.
    await asUser({ userId }, (tx) =>
      tx.user.update({ where: { id: userId }, data: { disabledAt: new Date() } }),
    );
    expect(await setPasswordByLink(link, NEW)).toEqual({ ok: false, error: "spent" });
  });

  test("stores only the hash of the secret in a password link", async () => {
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
