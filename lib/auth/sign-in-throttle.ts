import "server-only";
import { type CountedTry, makeTryCounter, type TryCounter } from "@/lib/db/try-counter";
import { AppError } from "@/lib/errors";
import { processWide } from "@/lib/process-wide";

const DAY_MS = 24 * 60 * 60 * 1_000;
const FREE_TRIES_TOGETHER = 5;
const FREE_TRIES_ACCOUNT = 20;
const FIRST_DELAY_SECONDS = 30;
const DOUBLINGS_MAX = 20;
const DELAY_SECONDS_MAX_TOGETHER = 60 * 60;
/** Whoever knows an e-mail could lock its owner out for as long as this, so it stays short (S7). */
const DELAY_SECONDS_MAX_ACCOUNT = 15 * 60;

/** Where a wrong password is counted. */
export type Attempt = {
  readonly email: string;
  readonly address: string;
  /** This browser has signed in to this account before: the account's own lock doesn't hold for it. */
  readonly isKnownBrowser: boolean;
};

/** Nothing for the free tries, then 30 s, doubling with each wrong password. */
export function delaySeconds(wrong: number, free: number, max: number): number {
  if (wrong < free) return 0;
  return Math.min(max, FIRST_DELAY_SECONDS * 2 ** Math.min(DOUBLINGS_MAX, wrong - free));
}

const delaysMs = (free: number, max: number): number[] =>
  Array.from({ length: free + DOUBLINGS_MAX }, (_, before) => delaySeconds(before + 1, free, max) * 1_000);

type Counters = { readonly together: TryCounter; readonly account: TryCounter };

const counters = () =>
  processWide<Counters>("auth.tries", () => ({
    together: makeTryCounter(
      "signin_pair",
      delaysMs(FREE_TRIES_TOGETHER, DELAY_SECONDS_MAX_TOGETHER),
      DAY_MS,
    ),
    account: makeTryCounter(
      "signin_account",
      delaysMs(FREE_TRIES_ACCOUNT, DELAY_SECONDS_MAX_ACCOUNT),
      DAY_MS,
    ),
  }));

const togetherKey = ({ email, address }: Attempt) => JSON.stringify([email, address]);

/** A try at a password: counted as a wrong one until one of these says otherwise. */
export type Try = {
  /** The password was right: ends the count of this pair. The account's stays, for others may be guessing. */
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
  const { together, account } = counters();
  const [pair, { email }] = [togetherKey(attempt), attempt];
  const ofPair = await together.begin(pair);
  if (!ofPair.isLetThrough) throw tooMany(ofPair.waitMs);
  let ofAccount: CountedTry | null = null;
  if (!attempt.isKnownBrowser) {
    const begun = await account.begin(email);
    if (!begun.isLetThrough) {
      await together.giveBack(pair, ofPair.counted);
      throw tooMany(begun.waitMs);
    }
    ofAccount = begun.counted;
  }
  const giveAccountBack = async () => {
    if (ofAccount) await account.giveBack(email, ofAccount);
  };
  return {
    wasRight: async () => {
      await together.forget(pair);
      await giveAccountBack();
    },
    wasWrong: async () => {
      if (!ofAccount) await account.count(email);
    },
    wasNone: async () => {
      await together.giveBack(pair, ofPair.counted);
      await giveAccountBack();
    },
  };
}
