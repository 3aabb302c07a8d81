import "server-only";
import { AppError } from "@/lib/errors";
import { processWide } from "@/lib/process-wide";
import { addressKey } from "./address-key";
import { type CountedTry, makeTryCounter, type TryCounter } from "./attempt-counter";
import { noteChecked, noteGuess } from "./frequent-guessers";

const HOUR_MS = 60 * 60 * 1_000;
const DAY_MS = 24 * 60 * 60 * 1_000;
const FREE_TRIES_TOGETHER = 5;
const FREE_TRIES_ACCOUNT = 20;
/** More than an office behind one address gets wrong in an hour, too few to try one password on many accounts. */
const FREE_TRIES_ADDRESS = 50;
const FIRST_DELAY_SECONDS = 30;
const DOUBLINGS_MAX = 20;
const DELAY_SECONDS_MAX_TOGETHER = 60 * 60;
/** Somebody who knows an e-mail, or shares an address, could lock others out for this long, so it is short (S7). */
const DELAY_SECONDS_MAX_OTHERS = 15 * 60;

/** Where a wrong password is counted. */
export type Attempt = {
  readonly email: string;
  readonly address: string;
  /** This browser has signed in to this account before: neither the account's nor the address's delay holds for it. */
  readonly isKnownBrowser: boolean;
};

/** Nothing for the free tries, then 30 s, doubling with each wrong password. */
export function delaySeconds(wrong: number, free: number, max: number): number {
  if (wrong < free) return 0;
  return Math.min(max, FIRST_DELAY_SECONDS * 2 ** Math.min(DOUBLINGS_MAX, wrong - free));
}

const delaysMs = (free: number, max: number): number[] =>
  Array.from({ length: free + DOUBLINGS_MAX }, (_, before) => delaySeconds(before + 1, free, max) * 1_000);

type Counters = { readonly pair: TryCounter; readonly account: TryCounter; readonly address: TryCounter };

const counters = () =>
  processWide<Counters>("auth.tries", () => ({
    pair: makeTryCounter("signin_pair", delaysMs(FREE_TRIES_TOGETHER, DELAY_SECONDS_MAX_TOGETHER), DAY_MS),
    account: makeTryCounter("signin_account", delaysMs(FREE_TRIES_ACCOUNT, DELAY_SECONDS_MAX_OTHERS), DAY_MS),
    address: makeTryCounter(
      "signin_address",
      delaysMs(FREE_TRIES_ADDRESS, DELAY_SECONDS_MAX_OTHERS),
      HOUR_MS,
    ),
  }));

/** A counter that a try belongs to. One that holds nobody back counts wrong passwords only. */
type Count = { readonly counter: TryCounter; readonly key: string; readonly holdsBack: boolean };

/** In the order in which they are asked: what the pair holds back doesn't count against the address or the account. */
function countsOf({ email, address, isKnownBrowser }: Attempt) {
  const tries = counters();
  const network = addressKey(address);
  return {
    pair: { counter: tries.pair, key: JSON.stringify([email, network]), holdsBack: true },
    address: { counter: tries.address, key: network, holdsBack: !isKnownBrowser },
    account: { counter: tries.account, key: email, holdsBack: !isKnownBrowser },
  } satisfies Record<string, Count>;
}

/** A try at a password: counted as a wrong one until one of these says otherwise. */
export type Try = {
  /** The password was right: ends the count of this pair. The account's and the address's stay, for others may be guessing. */
  wasRight(): Promise<void>;
  /** It stays counted. */
  wasWrong(): Promise<void>;
  /** Nobody found out: the password was not checked. */
  wasNone(): Promise<void>;
};

const tooMany = (waitMs: number) =>
  new AppError("rate_limited", "too many wrong passwords", { retryAfterSeconds: Math.ceil(waitMs / 1_000) });

/**
 * Counts a try before anything is hashed (S7): of many at once no more are checked than are free.
 *
 * @throws {AppError} `rate_limited` with the seconds that are left; then it is not counted
 */
export async function beginTry(attempt: Attempt): Promise<Try> {
  const counts = countsOf(attempt);
  const all: readonly Count[] = Object.values(counts);
  const begun: { readonly count: Count; readonly counted: CountedTry }[] = [];
  const giveBack = async (but?: Count) => {
    for (const { count, counted } of begun) {
      if (count !== but) await count.counter.giveBack(count.key, counted);
    }
  };
  for (const count of all.filter(({ holdsBack }) => holdsBack)) {
    const outcome = await count.counter.begin(count.key);
    if (!outcome.isLetThrough) {
      await giveBack();
      throw tooMany(outcome.waitMs);
    }
    begun.push({ count, counted: outcome.counted });
  }
  return {
    wasRight: async () => {
      noteChecked(attempt.email);
      await counts.pair.counter.forget(counts.pair.key);
      await giveBack(counts.pair);
    },
    wasWrong: async () => {
      noteGuess(attempt.address);
      // From other browsers it may be a stranger, who must not take the owner's share away.
      if (attempt.isKnownBrowser) noteChecked(attempt.email);
      for (const { counter, key, holdsBack } of all) if (!holdsBack) await counter.count(key);
    },
    wasNone: () => giveBack(),
  };
}
