import { verify } from "@node-rs/argon2";
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { pool } from "@/lib/db/connection-pools";
import { AppError } from "@/lib/errors";
import {
  type Attempt,
  beginAttempt,
  hasManyPasswordChecks,
  isFrequentGuesser,
} from "@/lib/limits/sign-in-attempts";
import { listOrganizations } from "@/lib/organizations/queries";
import { signUp } from "@/lib/organizations/sign-up";
import { makeEmail, makeOrganization, makeSession, makeUser, type TestUser } from "@/lib/testing/factories";
import { changePassword } from "./change-password";
import { confirmPassword } from "./confirm-password";
import { checkCredentials, signIn } from "./sign-in";

// Wraps the real functions, to count checks and to delay them.
vi.mock("@node-rs/argon2", async (importOriginal) => {
  const real = await importOriginal<typeof import("@node-rs/argon2")>();
  return { ...real, verify: vi.fn(real.verify) };
});

const WRONG = "not the password";
/** More than the hash queue admits. */
const GUESSES = 60;

let addresses = 0;
const makeAddress = () => `198.51.${Math.floor(++addresses / 250)}.${addresses % 250}`;
const from = (email: string, password: string, address = makeAddress()) => ({
  email,
  password,
  address,
  isKnownBrowser: false,
});

/** Counts wrong passwords one after another, without hashing. */
async function failAll(attempts: readonly Attempt[]): Promise<void> {
  for (const attempt of attempts) await (await beginAttempt(attempt)).fail();
}

/** Runs guesses in parallel and returns how many were checked, and the delays of the others in seconds. */
async function inParallel(guess: (index: number) => Promise<unknown>, times = GUESSES) {
  const outcomes = await Promise.allSettled(Array.from({ length: times }, (_, index) => guess(index)));
  const refusals = outcomes.flatMap((outcome) => (outcome.status === "rejected" ? [outcome.reason] : []));
  for (const refusal of refusals) expect(refusal).toMatchObject({ code: "rate_limited", status: 429 });
  const waits = refusals.map((refusal) => (refusal instanceof AppError ? refusal.retryAfterSeconds : null));
  return {
    checked: vi.mocked(verify).mock.calls.length,
    values: outcomes.flatMap((outcome) => (outcome.status === "fulfilled" ? [outcome.value] : [])),
    waits: new Set(waits),
  };
}

let user: TestUser;
beforeEach(async () => {
  // Sixty hashes may take more than a second, which would shorten the reported delay.
  vi.useFakeTimers({ toFake: ["Date"] });
  user = await makeUser();
  vi.mocked(verify).mockClear();
});
afterEach(() => void vi.useRealTimers());

describe("S7 checkCredentials with concurrent calls", () => {
  test("checks only the first five of parallel guesses from one address for one account", async () => {
    const address = makeAddress();
    const { checked, values, waits } = await inParallel(() =>
      signIn(from(user.email, WRONG, address), {
        address,
        userAgent: "",
      }),
    );
    expect({ checked, values, waits: [...waits] }).toEqual({
      checked: 5,
      values: Array(5).fill(null),
      waits: [30],
    });
    expect(await checkCredentials(from(user.email, user.password)), "from another address").toBe(user.userId);
  });

  test("checks twenty of parallel guesses from many addresses for one account, then delays by 30 s", async () => {
    const { checked, values, waits } = await inParallel(() => checkCredentials(from(user.email, WRONG)));
    expect({ checked, values: values.length, waits: [...waits] }).toEqual({
      checked: 20,
      values: 20,
      waits: [30],
    });
  });

  test("counts parallel guesses for an unknown account the same way", async () => {
    const [email, address] = [makeEmail(), makeAddress()];
    const { checked, waits } = await inParallel(() => checkCredentials(from(email, WRONG, address)));
    expect({ checked, waits: [...waits] }).toEqual({ checked: 5, waits: [30] });
  });

  test("checks one of parallel guesses after a delay, and rejected ones do not extend the delay", async () => {
    const address = makeAddress();
    await inParallel(() => checkCredentials(from(user.email, WRONG, address)));
    for (const seconds of [30, 60, 120]) {
      vi.setSystemTime(Date.now() + seconds * 1_000 + 1);
      vi.mocked(verify).mockClear();
      const { checked, waits } = await inParallel(() => checkCredentials(from(user.email, WRONG, address)));
      expect({ checked, waits: [...waits] }).toEqual({ checked: 1, waits: [seconds * 2] });
    }
  });

  test("parallel guesses do not lock out a browser that is known to the account", async () => {
    await inParallel(() => checkCredentials(from(user.email, WRONG)));
    const known = { ...from(user.email, user.password), isKnownBrowser: true };
    expect(await checkCredentials(known)).toBe(user.userId);
    await expect(
      checkCredentials({ ...known, isKnownBrowser: false, address: makeAddress() }),
    ).rejects.toThrow();
  });
});

/** Describes 70 attackers and their victims. By default each attacker has its own network, no earlier attempts and an unknown browser. */
type Flooding = {
  readonly addressOf?: (index: number) => string;
  readonly before?: "fail" | "succeed";
  readonly isKnown?: boolean;
  readonly isVictimKnown?: boolean;
};

let networks = 0;

describe("S7 guesses that fill the hash queue", () => {
  test.each([
    ["of one address", { addressOf: () => "198.51.100.200" }],
    [
      "of 70 networks of one IPv6 /56",
      { addressOf: (index: number) => `2001:db8:aa:${index.toString(16)}::1` },
    ],
    ["of 70 addresses of one IPv4 /24", { addressOf: (index: number) => `203.0.113.${index}` }],
    ["of 70 unrelated networks, with victims in known browsers", { isVictimKnown: true }],
    ["of 70 unrelated networks with earlier wrong passwords", { before: "fail" }],
    ["of 70 accounts with three earlier sign-ins", { before: "succeed" }],
    [
      "of 70 accounts with three earlier sign-ins in known browsers, with victims in known browsers",
      { before: "succeed", isKnown: true, isVictimKnown: true },
    ],
    [
      "of 70 accounts with three wrong passwords in known browsers, with victims in known browsers",
      { before: "fail", isKnown: true, isVictimKnown: true },
    ],
  ] as const)(
    "guesses that fill the hash queue do not block users from elsewhere: %s",
    async (_attackers, flooding) => {
      const { addressOf, before, isKnown, isVictimKnown }: Flooding = flooding;
      const network = ++networks;
      const attackers = Array.from({ length: 70 }, (_, index) => ({
        ...from(makeEmail(), WRONG, addressOf?.(index) ?? `198.${network}.${index}.1`),
        isKnownBrowser: isKnown ?? false,
      }));
      if (before)
        for (let round = 0; round < 3; round += 1)
          await Promise.all(attackers.map(async (attempt) => (await beginAttempt(attempt))[before]()));
      const people = await Promise.all(Array.from({ length: 12 }, () => makeUser()));
      const { verify: real } = await vi.importActual<typeof import("@node-rs/argon2")>("@node-rs/argon2");
      onTestFinished(() => void vi.mocked(verify).mockImplementation(real));
      const gate = Promise.withResolvers<void>();
      vi.mocked(verify).mockImplementation(async (_, password) =>
        gate.promise.then(() => password !== WRONG),
      );
      // Every attempt was rejected or waits for its hash.
      const settled = () =>
        expect.poll(() => pool().waitingCount + pool().totalCount - pool().idleCount).toBe(0);

      const flood = inParallel((index) => checkCredentials(attackers[index] ?? from("", WRONG)), 70);
      await settled();
      const signedIn = Promise.all(
        people.map(({ email, password }, index) =>
          checkCredentials({
            ...from(email, password, `100.${network}.${index}.1`),
            isKnownBrowser: isVictimKnown ?? false,
          }),
        ),
      );
      await settled();
      gate.resolve();
      expect(await signedIn).toEqual(people.map(({ userId }) => userId));
      await flood;
    },
  );
});

describe("S7 one address that tries many accounts", () => {
  test("an address may enter fifty wrong passwords an hour and then waits before each further one", async () => {
    const address = makeAddress();
    const spray = (count: number) =>
      failAll(Array.from({ length: count }, () => from(makeEmail(), WRONG, address)));
    await spray(49);
    expect(await checkCredentials(from(user.email, user.password, address)), "the fiftieth").toBe(
      user.userId,
    );
    await spray(1);
    for (const seconds of [30, 60, 120, 240, 480, 900, 900]) {
      const unknown = checkCredentials(from(makeEmail(), WRONG, address));
      await expect(unknown).rejects.toMatchObject({ code: "rate_limited", retryAfterSeconds: seconds });
      vi.setSystemTime(Date.now() + seconds * 1_000);
      await spray(1);
    }
  });

  test("does not delay browsers that are known to their account", async () => {
    const address = makeAddress();
    await failAll(Array.from({ length: 50 }, () => from(makeEmail(), WRONG, address)));
    const own = from(user.email, user.password, address);
    await expect(checkCredentials(own)).rejects.toMatchObject({
      code: "rate_limited",
      retryAfterSeconds: 30,
    });
    expect(await checkCredentials({ ...own, isKnownBrowser: true })).toBe(user.userId);
  });

  test("counts such an address by its IPv6 /64 network", async () => {
    const host = (index: number) => from(makeEmail(), WRONG, `2001:db8:7:1::${index.toString(16)}`);
    await failAll(Array.from({ length: 50 }, (_, index) => host(index)));
    await expect(checkCredentials(host(50))).rejects.toMatchObject({ code: "rate_limited" });
  });
});

describe("S7 the right password", () => {
  test("the right password among parallel guesses signs in and locks the owner out nowhere", async () => {
    const address = makeAddress();
    const { values } = await inParallel(
      (index) => checkCredentials(from(user.email, index === 2 ? user.password : WRONG, address)),
      5,
    );
    expect(values.filter((value) => value === user.userId)).toHaveLength(1);
    for (const where of [address, address, makeAddress()]) {
      expect(await checkCredentials(from(user.email, user.password, where))).toBe(user.userId);
    }
  });

  test("does not count the right password as a wrong one, however often it is used", async () => {
    for (let round = 0; round < 6; round++) {
      const { values } = await inParallel(() => checkCredentials(from(user.email, user.password)), 5);
      expect(values).toEqual(Array(5).fill(user.userId));
    }
  });

  test("the right password does not make its address a frequent guesser", async () => {
    const address = makeAddress();
    for (let count = 0; count < 4; count++) await checkCredentials(from(user.email, user.password, address));
    expect(isFrequentGuesser(address)).toBe(false);
    await failAll(Array.from({ length: 3 }, () => from(makeEmail(), WRONG, address)));
    expect(isFrequentGuesser(address)).toBe(true);
  });

  test("the right password keeps its owner's share of the queue despite wrong passwords of strangers", async () => {
    await failAll(Array.from({ length: 4 }, () => from(user.email, WRONG)));
    expect(hasManyPasswordChecks(user.email)).toBe(false);
    await failAll(Array.from({ length: 3 }, () => ({ ...from(user.email, WRONG), isKnownBrowser: true })));
    expect(hasManyPasswordChecks(user.email), "by known browsers").toBe(true);
  });

  test("the right password removes the block that the account's last attempt caused", async () => {
    await inParallel(() => checkCredentials(from(user.email, WRONG)), 19);
    expect(await checkCredentials(from(user.email, user.password))).toBe(user.userId);
    expect(await checkCredentials(from(user.email, user.password))).toBe(user.userId);
  });
});

test("S7 does not count an attempt whose check failed", async () => {
  const { verify: real } = await vi.importActual<typeof import("@node-rs/argon2")>("@node-rs/argon2");
  const address = makeAddress();
  for (let count = 0; count < 6; count++) {
    vi.mocked(verify).mockRejectedValueOnce(new Error("no memory"));
    await expect(checkCredentials(from(user.email, WRONG, address))).rejects.toThrow("no memory");
  }
  vi.mocked(verify).mockImplementation(real);
  expect(await checkCredentials(from(user.email, user.password, address))).toBe(user.userId);
});

describe("S7 other password checks", () => {
  const caller = { address: "203.0.113.77", isKnownBrowser: false };

  test("counts an attempt to change the password before it checks the password", async () => {
    const session = await makeSession(user);
    const { checked } = await inParallel(() =>
      changePassword(session, { present: WRONG, password: "a new one that is long" }, caller),
    );
    expect(checked).toBe(5);
  });

  test("counts an attempt to confirm the password (S10) before it checks the password", async () => {
    const session = await makeSession(user);
    const { checked, values } = await inParallel(() => confirmPassword(session, WRONG, caller));
    expect({ checked, values }).toEqual({ checked: 5, values: Array(5).fill(false) });
  });

  test("counts sign-ups with an existing e-mail from many addresses before it checks the password", async () => {
    const { owner } = await makeOrganization();
    const guess = { email: owner.email, password: WRONG, organization: "x" };
    const { checked } = await inParallel(() =>
      signUp(guess, { address: makeAddress(), isKnownBrowser: false }),
    );
    expect(checked).toBe(20);
    expect(await listOrganizations(owner, "en")).toHaveLength(1);
  });
});

test("S18 counters reveal neither e-mails nor addresses", async () => {
  await checkCredentials(from(user.email, WRONG));
  const { rows } = await pool().query<{ key: string }>("SELECT key FROM throttle WHERE key LIKE 'signin%'");
  expect(rows.length).toBeGreaterThan(0);
  for (const { key } of rows) expect(key).toMatch(/^signin_(pair|account|address):[\w-]{43}$/);
});
