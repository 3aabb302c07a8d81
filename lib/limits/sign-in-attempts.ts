import "server-only";
import { AppError } from "@/lib/errors";
import { processWide } from "@/lib/process-wide";
import { addressKey } from "./address-key";
import { type AttemptCounter, type CountedAttempt, makeAttemptCounter } from "./attempt-counter";
import { FREQUENT_PASSWORD_CHECKS, SIGN_IN } from "./numbers";
import { TokenBuckets } from "./token-buckets";

export type Attempt = {
  readonly email: string;
  readonly address: string;
  /** True if this browser has signed in to this account before. The delays of account and address don't apply to it. */
  readonly isKnownBrowser: boolean;
};

/** Returns the delay after the `wrong`th wrong password: 0 for the free ones, then 30 s, doubling up to `max`. */
export function delaySeconds(wrong: number, free: number, max: number): number {
  if (wrong < free) return 0;
  return Math.min(max, SIGN_IN.firstDelaySeconds * 2 ** Math.min(SIGN_IN.doublingsMax, wrong - free));
}

type Limit = { readonly free: number; readonly delaySecondsMax: number; readonly windowMs: number };

function counterOf(name: string, { free, delaySecondsMax, windowMs }: Limit): AttemptCounter {
  const delaysMs = Array.from(
    { length: free + SIGN_IN.doublingsMax },
    (_, before) => delaySeconds(before + 1, free, delaySecondsMax) * 1_000,
  );
  return makeAttemptCounter(name, delaysMs, windowMs);
}

const counters = () =>
  processWide("auth.tries", () => ({
    pair: counterOf("signin_pair", SIGN_IN.pair),
    account: counterOf("signin_account", SIGN_IN.account),
    address: counterOf("signin_address", SIGN_IN.address),
  }));

/** A counter that an attempt belongs to. A counter without blocks counts wrong passwords only. */
type Count = { readonly counter: AttemptCounter; readonly key: string; readonly blocks: boolean };

/** Returns the counters in the order of the checks: an attempt that the pair blocks doesn't count for address or account. */
function countsOf({ email, address, isKnownBrowser }: Attempt) {
  const { pair, account, address: byAddress } = counters();
  const network = addressKey(address);
  return {
    pair: { counter: pair, key: JSON.stringify([email, network]), blocks: true },
    address: { counter: byAddress, key: network, blocks: !isKnownBrowser },
    account: { counter: account, key: email, blocks: !isKnownBrowser },
  } satisfies Record<string, Count>;
}

/** A password check under way. It counts as a wrong password until one of these functions reports the outcome. */
export type OpenAttempt = {
  /** The password was right: clears the count of the pair. Account and address keep theirs, because others may be guessing. */
  succeed(): Promise<void>;
  fail(): Promise<void>;
  withdraw(): Promise<void>;
};

const tooMany = (waitMs: number) =>
  new AppError("rate_limited", "too many wrong passwords", { retryAfterSeconds: Math.ceil(waitMs / 1_000) });

/** Counts an attempt before anything is hashed (S7). @throws {AppError} `rate_limited`; then it is not counted */
export async function beginAttempt(attempt: Attempt): Promise<OpenAttempt> {
  const counts = countsOf(attempt);
  const all: readonly Count[] = Object.values(counts);
  const begun: { readonly count: Count; readonly counted: CountedAttempt }[] = [];
  const withdraw = async (except?: Count) => {
    for (const { count, counted } of begun) {
      if (count !== except) await count.counter.withdraw(count.key, counted);
    }
  };
  for (const count of all.filter(({ blocks }) => blocks)) {
    const outcome = await count.counter.begin(count.key);
    if (!outcome.isAdmitted) {
      await withdraw();
      throw tooMany(outcome.waitMs);
    }
    begun.push({ count, counted: outcome.counted });
  }
  return {
    succeed: async () => {
      countPasswordCheck(attempt.email);
      await counts.pair.counter.forget(counts.pair.key);
      await withdraw(counts.pair);
    },
    fail: async () => {
      countWrongPassword(attempt.address);
      // From another browser it may be a stranger, who must not take the owner's share of the queue away.
      if (attempt.isKnownBrowser) countPasswordCheck(attempt.email);
      for (const { counter, key, blocks } of all) if (!blocks) await counter.count(key);
    },
    withdraw: () => withdraw(),
  };
}

const checks = () => processWide("auth.guessers", () => new TokenBuckets(FREQUENT_PASSWORD_CHECKS));

export const countWrongPassword = (address: string): void =>
  void checks().take(addressKey(address), 1, performance.now());

/** Returns whether an address recently sent several wrong passwords. Used only to choose its share of the hash queue. */
export const isFrequentGuesser = (address: string): boolean =>
  checks().waitMs(addressKey(address), 1, performance.now()) > 0;

const accountKey = (email: string) => `account ${email}`;

/** Counts a password check by an account's owner. The address isn't counted: many people share an office's. */
export const countPasswordCheck = (email: string): void =>
  void checks().take(accountKey(email), 1, performance.now());

/** Returns whether an account recently had three or more password checks. Used only to choose its share of the hash queue. */
export const hasManyPasswordChecks = (email: string): boolean =>
  checks().waitMs(accountKey(email), 1, performance.now()) > 0;
