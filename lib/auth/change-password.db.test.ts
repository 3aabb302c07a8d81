import { randomUUID } from "node:crypto";
import { hash } from "@node-rs/argon2";
import { afterEach, describe, expect, test, vi } from "vitest";
import { pool } from "@/lib/db/clients";
import { asPerson } from "@/lib/db/unit-of-work";
import { makeSession, makeUser, type TestUser } from "@/lib/testing/factories";
import {
  changePassword,
  confirmPassword,
  getOwnEmail,
  makePasswordLink,
  setPasswordByLink,
} from "./change-password";
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

describe("S1 changing the password", () => {
  test("asks for the present one, and leaves everything as it is without it", async () => {
    const user = await makeUser();
    const [here, there] = [await makeSession(user), await makeSession(user)];
    expect(await changePassword(here, { present: "a wrong one", password: NEW }, caller())).toEqual({
      ok: false,
      error: "wrong",
    });
    expect(await opens(user, user.password)).toBe(true);
    expect(await findSession(there.sessionId)).not.toBeNull();
  });

  test("signs out every other browser of that person and nobody else", async () => {
    const [user, neighbour] = [await makeUser(), await makeUser()];
    const [here, there, elsewhere] = [
      await makeSession(user),
      await makeSession(user),
      await makeSession(neighbour),
    ];
    const input = { present: user.password, password: NEW };
    expect(await changePassword(here, input, caller())).toMatchObject({ ok: true });
    expect(await findSession(here.sessionId)).not.toBeNull();
    expect(await findSession(there.sessionId)).toBeNull();
    expect(await findSession(elsewhere.sessionId)).not.toBeNull();
    expect([await opens(user, user.password), await opens(user, NEW)]).toEqual([false, true]);
    expect(await opens(neighbour, neighbour.password)).toBe(true);
  });

  test("takes another person's password for a wrong one", async () => {
    const [user, neighbour] = [await makeUser(), await makeUser()];
    const changed = { present: neighbour.password, password: NEW };
    const own = await makeSession(user);
    await changePassword(own, { present: user.password, password: "first one of its own" }, caller());
    expect(await changePassword(own, changed, caller())).toMatchObject({ ok: false });
  });

  test("S7 can't be used to guess it: wrong ones are waited for as at the sign-in", async () => {
    const user = await makeUser();
    const [here, where] = [await makeSession(user), caller()];
    const input = { present: "a wrong one", password: NEW };
    for (let wrong = 0; wrong < 5; wrong++) await changePassword(here, input, where);
    const right = { present: user.password, password: NEW };
    await expect(changePassword(here, right, where)).rejects.toMatchObject({ code: "rate_limited" });
  });

  test("takes back a link that was made before and could set another one", async () => {
    const user = await makeUser();
    const link = await makePasswordLink(user.userId);
    await changePassword(await makeSession(user), { present: user.password, password: NEW }, caller());
    expect(await setPasswordByLink(link, "one that a stranger chose")).toEqual({ ok: false, error: "spent" });
  });
});

describe("S10 giving the password again", () => {
  const confirmedAt = async (sessionId: string) =>
    (await findSession(sessionId))?.passwordConfirmedAt.getTime();

  async function makeStaleSession(user: TestUser) {
    const session = await makeSession(user);
    const { sessionId } = session;
    await asPerson({ sessionId }, (tx) =>
      tx.session.update({ where: { id: sessionId }, data: { passwordConfirmedAt: new Date(0) } }),
    );
    return session;
  }

  test("is noted for this browser and no other", async () => {
    const user = await makeUser();
    const [here, there] = [await makeStaleSession(user), await makeStaleSession(user)];
    expect(await confirmPassword(here, user.password, caller())).toBe(true);
    expect(Date.now() - ((await confirmedAt(here.sessionId)) ?? 0)).toBeLessThan(60_000);
    expect(await confirmedAt(there.sessionId)).toBe(0);
  });

  test("isn't noted when it is wrong", async () => {
    const user = await makeUser();
    const here = await makeStaleSession(user);
    expect(await confirmPassword(here, "a wrong one", caller())).toBe(false);
    expect(await confirmedAt(here.sessionId)).toBe(0);
  });
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
    await asPerson({ userId }, (tx) =>
      tx.user.update({ where: { id: userId }, data: { disabledAt: new Date() } }),
    );
    expect(await setPasswordByLink(link, NEW)).toEqual({ ok: false, error: "spent" });
  });

  test("can't be guessed or made from what is kept: only its hash is", async () => {
    const [user, neighbour] = [await makeUser(), await makeUser()];
    const [, secret = ""] = (await makePasswordLink(user.userId)).split(".");
    const stored = await asPerson(user, (tx) =>
      tx.user.findUniqueOrThrow({ where: { id: user.userId }, select: { linkHash: true } }),
    );
    const kept = Buffer.from(stored.linkHash ?? []);
    expect(kept).toHaveLength(32);
    const guesses = [
      `${user.userId}.${kept.toString("base64url")}`,
      `${user.userId}.`,
      user.userId,
      `${neighbour.userId}.${secret}`,
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

test("S21 a password stands nowhere in the database but as argon2id's hash", async () => {
  const user = await makeUser();
  expect(await getOwnEmail(user)).toBe(user.email);
  await changePassword(await makeSession(user), { present: user.password, password: NEW }, caller());
  const { rows } = await asPersonRows(user);
  expect(JSON.stringify(rows)).toContain("$argon2id$");
  expect(JSON.stringify(rows)).not.toContain(NEW);
  expect(
    (await pool().query("SELECT * FROM users")).rows,
    "and outside a unit of work nothing is seen",
  ).toEqual([]);
});

const asPersonRows = async ({ userId }: TestUser) => ({
  rows: await asPerson({ userId }, (tx) => tx.$queryRaw<unknown[]>`SELECT * FROM users`),
});
