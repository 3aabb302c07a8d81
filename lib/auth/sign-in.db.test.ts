import { hash, verify } from "@node-rs/argon2";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { pool } from "@/lib/db/connection-pools";
import { asUser } from "@/lib/db/unit-of-work";
import { env } from "@/lib/env";
import { AppError } from "@/lib/errors";
import { type Attempt, beginAttempt } from "@/lib/limits/sign-in-attempts";
import { disableUser } from "@/lib/organizations/operator";
import { makeEmail, makeUser, type TestUser } from "@/lib/testing/factories";
import { changePassword } from "./change-password";
import { isKnownBrowser, rememberBrowser } from "./known-browser";
import { hashPassword, knownSharer } from "./password-hash";
import { findSession } from "./sessions";
import { checkCredentials, signIn } from "./sign-in";

// Wraps the real functions, to count calls and to run events during them.
vi.mock("@node-rs/argon2", async (importOriginal) => {
  const real = await importOriginal<typeof import("@node-rs/argon2")>();
  return { ...real, hash: vi.fn(real.hash), verify: vi.fn(real.verify) };
});

const ORIGIN = { address: "203.0.113.1", userAgent: "a browser" };
const WRONG = "not the password";

let addresses = 0;
const makeAddress = () => `198.51.100.${++addresses}`;

/** Returns an attempt from a new address. */
const from = ({ email, password }: Pick<TestUser, "email" | "password">) => ({
  email,
  password,
  address: makeAddress(),
  isKnownBrowser: false,
});

/** Counts wrong passwords one after another, without hashing, each after the delay of the previous one. */
async function failAll(attempts: readonly Attempt[]): Promise<void> {
  for (const attempt of attempts) {
    const tried = await beginAttempt(attempt).catch((error: unknown) => {
      if (!(error instanceof AppError)) throw error;
      vi.setSystemTime(Date.now() + (error.retryAfterSeconds ?? 0) * 1_000);
      return beginAttempt(attempt);
    });
    await tried.fail();
  }
}

const times = (count: number, attempt: Attempt) => Array.from({ length: count }, () => attempt);

/** Lists the calls of argon2 during `work`. */
async function argonCalls(work: () => Promise<unknown>): Promise<readonly string[]> {
  vi.mocked(hash).mockClear();
  vi.mocked(verify).mockClear();
  await work();
  const verified = vi.mocked(verify).mock.calls.map(([against]) => String(against));
  return [...vi.mocked(hash).mock.calls.map(() => "a hash"), ...verified];
}

afterEach(() => {
  vi.useRealTimers();
});

describe("S6 sign-in with a wrong e-mail or a wrong password", () => {
  const COST = /^\$argon2id\$v=19\$m=19456,t=2,p=1\$/;

  // Runs first, because work at the first use must not reveal which e-mails exist either.
  test("takes the same time for a wrong e-mail and a wrong password, so that it does not reveal e-mails", async () => {
    const user = await makeUser();
    const passwordHash = await hashPassword(user.password, knownSharer(user.userId));
    await asUser(user, (tx) => tx.user.update({ where: { id: user.userId }, data: { passwordHash } }));
    const unknown = await argonCalls(() => checkCredentials(from({ email: makeEmail(), password: WRONG })));
    const wrong = await argonCalls(() => checkCredentials(from({ ...user, password: WRONG })));
    const right = await argonCalls(() => checkCredentials(from(user)));
    expect({ unknown, wrong, right }).toEqual({
      unknown: [expect.stringMatching(COST)],
      wrong: [expect.stringMatching(COST)],
      right: [expect.stringMatching(COST)],
    });
  });

  test("returns the same result for a wrong password, a disabled user and a user without a password", async () => {
    const [user, disabled, empty] = [await makeUser(), await makeUser(), await makeUser()];
    await disableUser(disabled.email);
    await asUser(empty, (tx) =>
      tx.user.update({ where: { id: empty.userId }, data: { passwordHash: null } }),
    );

    expect(await signIn(from(user), ORIGIN), "the right pair signs in").toEqual(expect.any(String));
    const refused = [{ ...user, password: WRONG }, { email: makeEmail(), password: WRONG }, disabled, empty];
    for (const who of refused) {
      const spent = await argonCalls(async () => expect(await checkCredentials(from(who))).toBeNull());
      expect(spent).toHaveLength(1);
      expect(await signIn(from(who), ORIGIN)).toBeNull();
    }
  });

  test("counts wrong e-mails like wrong passwords, so that the lock does not reveal which e-mails exist", async () => {
    vi.useFakeTimers({ toFake: ["Date"] });
    const delays: unknown[] = [];
    for (const email of [(await makeUser()).email, makeEmail()]) {
      const attempt = from({ email, password: WRONG });
      await failAll(times(5, attempt));
      const error: unknown = await checkCredentials(attempt).catch((thrown: unknown) => thrown);
      delays.push(error);
    }
    expect(delays).toEqual([delays[0], delays[0]]);
    expect(delays[0]).toMatchObject({ code: "rate_limited", retryAfterSeconds: 30 });
  });
});

describe("S7 wrong passwords by account and address", () => {
  test("wrong passwords delay the right password too, longer after each wrong one", async () => {
    vi.useFakeTimers({ toFake: ["Date"] });
    const user = await makeUser();
    const right = from(user);
    const wrong = { ...right, password: WRONG };
    for (let tries = 0; tries < 5; tries++) expect(await checkCredentials(wrong)).toBeNull();

    for (const seconds of [30, 60, 120]) {
      const spent = await argonCalls(() =>
        expect(checkCredentials(right)).rejects.toMatchObject({
          code: "rate_limited",
          retryAfterSeconds: seconds,
        }),
      );
      expect(spent, "who has to wait costs nothing").toEqual([]);
      vi.setSystemTime(Date.now() + seconds * 1_000 + 1);
      expect(await checkCredentials(wrong)).toBeNull();
    }
    vi.setSystemTime(Date.now() + 240_001);
    expect(await checkCredentials(right)).toBe(user.userId);
  });

  test("wrong passwords do not delay another address or another account", async () => {
    const [user, neighbor] = [await makeUser(), await makeUser()];
    const attempt = from(user);
    vi.useFakeTimers({ toFake: ["Date"] });
    await failAll(times(8, attempt));
    await expect(checkCredentials(attempt)).rejects.toMatchObject({ code: "rate_limited" });

    expect(await checkCredentials(from(user))).toBe(user.userId);
    expect(await checkCredentials({ ...from(neighbor), address: attempt.address })).toBe(neighbor.userId);
  });

  test("counts wrong passwords by IPv6 /64 network", async () => {
    const user = await makeUser();
    const fromHost = (host: number) => ({ ...from(user), address: `2001:db8:1:2::${host}` });
    await failAll([1, 2, 3, 4, 5].map(fromHost));
    await expect(checkCredentials(fromHost(6))).rejects.toMatchObject({ code: "rate_limited" });
    expect(await checkCredentials({ ...from(user), address: "2001:db8:1:3::1" })).toBe(user.userId);
  });

  test("the right password resets the count of wrong ones", async () => {
    const user = await makeUser();
    const attempt = from(user);
    for (let round = 0; round < 3; round++) {
      await failAll(times(4, attempt));
      expect(await checkCredentials(attempt)).toBe(user.userId);
    }
  });

  test("wrong passwords delay a known browser as well", async () => {
    const user = await makeUser();
    const attempt = { ...from(user), isKnownBrowser: true };
    await failAll(times(5, attempt));
    await expect(checkCredentials(attempt)).rejects.toMatchObject({ code: "rate_limited" });
  });
});

describe("S7 wrong passwords by account alone", () => {
  const guessFromEverywhere = (user: TestUser, times: number) =>
    failAll(Array.from({ length: times }, () => from(user)));

  test("twenty wrong passwords for an account delay every address", async () => {
    vi.useFakeTimers({ toFake: ["Date"] });
    const user = await makeUser();
    await guessFromEverywhere(user, 19);
    expect(await checkCredentials(from(user))).toBe(user.userId);
    await guessFromEverywhere(user, 1);
    await expect(checkCredentials(from(user))).rejects.toMatchObject({
      code: "rate_limited",
      retryAfterSeconds: 30,
    });
  });

  test("wrong passwords delay at most 15 minutes, so that nobody can lock an owner out for long", async () => {
    vi.useFakeTimers({ toFake: ["Date"] });
    const user = await makeUser();
    await guessFromEverywhere(user, 45);
    await expect(checkCredentials(from(user))).rejects.toMatchObject({ retryAfterSeconds: 15 * 60 });
    vi.setSystemTime(Date.now() + 15 * 60_000 + 1);
    expect(await checkCredentials(from(user))).toBe(user.userId);
  });

  test("wrong passwords of others do not delay a browser that is known to the account", async () => {
    const user = await makeUser();
    await guessFromEverywhere(user, 20);
    const cookie = rememberBrowser(undefined, user.email);
    const attempt = { ...from(user), isKnownBrowser: isKnownBrowser(cookie, user.email) };
    expect(await checkCredentials(attempt)).toBe(user.userId);
  });

  test("the right password does not reset the account's count, because others may be guessing", async () => {
    const user = await makeUser();
    await guessFromEverywhere(user, 19);
    await checkCredentials(from(user));
    await guessFromEverywhere(user, 1);
    await expect(checkCredentials(from(user))).rejects.toMatchObject({ code: "rate_limited" });
  });
});

test("S18 counters contain no e-mails or addresses", async () => {
  const attempt = from({ email: makeEmail(), password: WRONG });
  const before = await pool().query<{ key: string }>("SELECT key FROM throttle");
  await checkCredentials(attempt);
  const { rows } = await pool().query<{ key: string }>("SELECT key FROM throttle");
  expect(rows.length, "three counters were added").toBe(before.rows.length + 3);
  for (const { key } of rows) expect(key).toMatch(/^signin_\w+:[\w-]{43}$/);
});

describe("S1 sign-ins in progress", () => {
  /** Runs `event` while the right password is checked. */
  async function signInDuring(user: TestUser, event: () => Promise<unknown>): Promise<string | null> {
    const { verify: real } = await vi.importActual<typeof import("@node-rs/argon2")>("@node-rs/argon2");
    vi.mocked(verify).mockImplementationOnce(async (...given) => {
      const matches = await real(...given);
      await event();
      return matches;
    });
    return signIn(from(user), ORIGIN);
  }

  const isSignedIn = async (sessionId: string | null) =>
    sessionId !== null && (await findSession(sessionId)) !== null;

  let user: TestUser;
  beforeEach(async () => {
    user = await makeUser();
  });

  test("a sign-in creates a session", async () => {
    expect(await isSignedIn(await signInDuring(user, async () => {}))).toBe(true);
  });

  test("creates no session when the password is changed during the sign-in", async () => {
    const sessionId = await signInDuring(user, async () => {
      const own = await signIn(from(user), ORIGIN);
      const who = own === null ? null : await findSession(own);
      if (!who) throw new Error("set-up failed");
      const input = { present: user.password, password: "a new one that is long" };
      expect(await changePassword(who, input, from(user))).toMatchObject({ ok: true });
    });
    expect(await isSignedIn(sessionId)).toBe(false);
  });

  test("creates no session when the user is disabled during the sign-in", async () => {
    const sessionId = await signInDuring(user, () => disableUser(user.email));
    expect(await isSignedIn(sessionId)).toBe(false);
  });
});

test("S1 a session expires after SESSION_MAX_DAYS and stores a truncated user agent", async () => {
  Object.assign(env(), { SESSION_MAX_DAYS: 3 });
  const user = await makeUser();
  const id = await signIn(from(user), { address: "203.0.113.7", userAgent: "x".repeat(5_000) });
  const session = await asUser({ userId: user.userId }, (tx) =>
    tx.session.findUniqueOrThrow({ where: { id: id ?? "" } }),
  );
  const days = (session.expiresAt.getTime() - session.createdAt.getTime()) / (24 * 60 * 60 * 1_000);
  expect(days).toBeCloseTo(3, 3);
  expect(session).toMatchObject({ address: "203.0.113.7", userAgent: "x".repeat(300) });
});
