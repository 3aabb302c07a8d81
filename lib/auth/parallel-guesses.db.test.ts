import { verify } from "@node-rs/argon2";
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { pool } from "@/lib/db/clients";
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

// Passed through: how many guesses were checked can be counted, and something can happen meanwhile.
vi.mock("@node-rs/argon2", async (importOriginal) => {
  const real = await importOriginal<typeof import("@node-rs/argon2")>();
  return { ...real, verify: vi.fn(real.verify) };
});

const WRONG = "not the password";
/** More than may wait for a hash. */
const GUESSES = 60;

let addresses = 0;
const makeAddress = () => `198.51.${Math.floor(++addresses / 250)}.${addresses % 250}`;
const from = (email: string, password: string, address = makeAddress()) => ({
  email,
  password,
  address,
  isKnownBrowser: false,
});

/** Wrong passwords one after another, without their hashing. */
async function beWrong(attempts: readonly Attempt[]): Promise<void> {
  for (const attempt of attempts) await (await beginAttempt(attempt)).fail();
}

/** How many of all at once were let through, and how long the others are told to wait. */
async function allAtOnce(guess: (index: number) => Promise<unknown>, times = GUESSES) {
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
  // Sixty hashes take a busy machine more than a second, and a wait that is told then is a second shorter.
  vi.useFakeTimers({ toFake: ["Date"] });
  user = await makeUser();
  vi.mocked(verify).mockClear();
});
afterEach(() => void vi.useRealTimers());

describe("S7 many guesses at once", () => {
  test("by one address at one account: the five that are free are checked, and no others", async () => {
    const address = makeAddress();
    const { checked, values, waits } = await allAtOnce(() =>
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
    expect(await checkCredentials(from(user.email, user.password)), "elsewhere").toBe(user.userId);
  });

  test("from as many addresses at one account: twenty, and the next wait is the first one", async () => {
    const { checked, values, waits } = await allAtOnce(() => checkCredentials(from(user.email, WRONG)));
    expect({ checked, values: values.length, waits: [...waits] }).toEqual({
      checked: 20,
      values: 20,
      waits: [30],
    });
  });

  test("at an account that nobody has are counted alike", async () => {
    const [email, address] = [makeEmail(), makeAddress()];
    const { checked, waits } = await allAtOnce(() => checkCredentials(from(email, WRONG, address)));
    expect({ checked, waits: [...waits] }).toEqual({ checked: 5, waits: [30] });
  });

  test("after a wait: one, and it is told from the others that were refused meanwhile", async () => {
    const address = makeAddress();
    await allAtOnce(() => checkCredentials(from(user.email, WRONG, address)));
    for (const seconds of [30, 60, 120]) {
      vi.setSystemTime(Date.now() + seconds * 1_000 + 1);
      vi.mocked(verify).mockClear();
      const { checked, waits } = await allAtOnce(() => checkCredentials(from(user.email, WRONG, address)));
      expect({ checked, waits: [...waits] }).toEqual({ checked: 1, waits: [seconds * 2] });
    }
  });

  test("from addresses of which a browser knows the account: the account's own lock doesn't hold it", async () => {
    await allAtOnce(() => checkCredentials(from(user.email, WRONG)));
    const known = { ...from(user.email, user.password), isKnownBrowser: true };
    expect(await checkCredentials(known)).toBe(user.userId);
    await expect(
      checkCredentials({ ...known, isKnownBrowser: false, address: makeAddress() }),
    ).rejects.toThrow();
  });
});

/** Describes seventy attackers and their victims. By default each attacker has a network of its own, no earlier tries and an unknown browser. */
type Flooding = {
  readonly addressOf?: (index: number) => string;
  readonly before?: "fail" | "succeed";
  readonly isKnown?: boolean;
  readonly isVictimKnown?: boolean;
};

let networks = 0;

describe("S7 many guesses that fill the queue for hashes", () => {
  test.each([
    ["of one address", { addressOf: () => "198.51.100.200" }],
    [
      "of 70 networks of one IPv6 /56",
      { addressOf: (index: number) => `2001:db8:aa:${index.toString(16)}::1` },
    ],
    ["of 70 addresses of one IPv4 /24", { addressOf: (index: number) => `203.0.113.${index}` }],
    ["of 70 unrelated networks, for browsers that are known", { isVictimKnown: true }],
    ["of 70 unrelated networks that guessed before", { before: "fail" }],
    ["of 70 accounts that signed in thrice before", { before: "succeed" }],
    [
      "of 70 accounts that signed in thrice before by known browsers, for others that are known",
      { before: "succeed", isKnown: true, isVictimKnown: true },
    ],
    [
      "of 70 accounts whose known browsers were wrong thrice before, for others that are known",
      { before: "fail", isKnown: true, isVictimKnown: true },
    ],
  ] as const)("keep nobody from elsewhere out: %s", async (_whose, flooding) => {
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
    vi.mocked(verify).mockImplementation(async (_, password) => gate.promise.then(() => password !== WRONG));
    /** Every try is refused or waits for its hash. */
    const settled = () =>
      expect.poll(() => pool().waitingCount + pool().totalCount - pool().idleCount).toBe(0);

    const flood = allAtOnce((index) => checkCredentials(attackers[index] ?? from("", WRONG)), 70);
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
  });
});

describe("S7 one address that tries many accounts", () => {
  test("has fifty wrong passwords an hour, and then waits before every further one", async () => {
    const address = makeAddress();
    const spray = (count: number) =>
      beWrong(Array.from({ length: count }, () => from(makeEmail(), WRONG, address)));
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

  test("delays no browser that has signed in to its account before", async () => {
    const address = makeAddress();
    await beWrong(Array.from({ length: 50 }, () => from(makeEmail(), WRONG, address)));
    const own = from(user.email, user.password, address);
    await expect(checkCredentials(own)).rejects.toMatchObject({
      code: "rate_limited",
      retryAfterSeconds: 30,
    });
    expect(await checkCredentials({ ...own, isKnownBrowser: true })).toBe(user.userId);
  });

  test("counts the addresses of its IPv6 /64 network together", async () => {
    const host = (index: number) => from(makeEmail(), WRONG, `2001:db8:7:1::${index.toString(16)}`);
    await beWrong(Array.from({ length: 50 }, (_, index) => host(index)));
    await expect(checkCredentials(host(50))).rejects.toMatchObject({ code: "rate_limited" });
  });
});

describe("S7 a right password among many at once", () => {
  test("signs in, and locks its owner out neither here nor elsewhere", async () => {
    const address = makeAddress();
    const { values } = await allAtOnce(
      (index) => checkCredentials(from(user.email, index === 2 ? user.password : WRONG, address)),
      5,
    );
    expect(values.filter((value) => value === user.userId)).toHaveLength(1);
    for (const where of [address, address, makeAddress()]) {
      expect(await checkCredentials(from(user.email, user.password, where))).toBe(user.userId);
    }
  });

  test("takes its own try back, also from the account's: any number of right ones is none too many", async () => {
    for (let round = 0; round < 6; round++) {
      const { values } = await allAtOnce(() => checkCredentials(from(user.email, user.password)), 5);
      expect(values).toEqual(Array(5).fill(user.userId));
    }
  });

  test("is not counted as a guess by its address", async () => {
    const address = makeAddress();
    for (let count = 0; count < 4; count++) await checkCredentials(from(user.email, user.password, address));
    expect(isFrequentGuesser(address)).toBe(false);
    await beWrong(Array.from({ length: 3 }, () => from(makeEmail(), WRONG, address)));
    expect(isFrequentGuesser(address)).toBe(true);
  });

  test("keeps its owner's share of the queue, however many wrong ones strangers enter", async () => {
    await beWrong(Array.from({ length: 4 }, () => from(user.email, WRONG)));
    expect(hasManyPasswordChecks(user.email)).toBe(false);
    await beWrong(Array.from({ length: 3 }, () => ({ ...from(user.email, WRONG), isKnownBrowser: true })));
    expect(hasManyPasswordChecks(user.email), "by known browsers").toBe(true);
  });

  test("gives the last try of the account back, with the block that came with it", async () => {
    await allAtOnce(() => checkCredentials(from(user.email, WRONG)), 19);
    expect(await checkCredentials(from(user.email, user.password))).toBe(user.userId);
    expect(await checkCredentials(from(user.email, user.password))).toBe(user.userId);
  });
});

test("S7 a try that nobody could check is none", async () => {
  const { verify: real } = await vi.importActual<typeof import("@node-rs/argon2")>("@node-rs/argon2");
  const address = makeAddress();
  for (let count = 0; count < 6; count++) {
    vi.mocked(verify).mockRejectedValueOnce(new Error("no memory"));
    await expect(checkCredentials(from(user.email, WRONG, address))).rejects.toThrow("no memory");
  }
  vi.mocked(verify).mockImplementation(real);
  expect(await checkCredentials(from(user.email, user.password, address))).toBe(user.userId);
});

describe("S7 every other place that checks a password counts before it checks", () => {
  const caller = { address: "203.0.113.77", isKnownBrowser: false };

  test("changing it", async () => {
    const session = await makeSession(user);
    const { checked } = await allAtOnce(() =>
      changePassword(session, { present: WRONG, password: "a new one that is long" }, caller),
    );
    expect(checked).toBe(5);
  });

  test("giving it again for what is dangerous (S10)", async () => {
    const session = await makeSession(user);
    const { checked, values } = await allAtOnce(() => confirmPassword(session, WRONG, caller));
    expect({ checked, values }).toEqual({ checked: 5, values: Array(5).fill(false) });
  });

  test("signing up with an e-mail that exists, from as many addresses as it takes", async () => {
    const { owner } = await makeOrganization();
    const guess = { email: owner.email, password: WRONG, organization: "x" };
    const { checked } = await allAtOnce(() =>
      signUp(guess, { address: makeAddress(), isKnownBrowser: false }),
    );
    expect(checked).toBe(20);
    expect(await listOrganizations(owner, "en")).toHaveLength(1);
  });
});

test("S18 a counted try tells nobody's e-mail or address", async () => {
  await checkCredentials(from(user.email, WRONG));
  const { rows } = await pool().query<{ key: string }>("SELECT key FROM throttle WHERE key LIKE 'signin%'");
  expect(rows.length).toBeGreaterThan(0);
  for (const { key } of rows) expect(key).toMatch(/^signin_(pair|account|address):[\w-]{43}$/);
});
