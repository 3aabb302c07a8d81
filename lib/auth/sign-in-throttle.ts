import "server-only";
import { makeThrottle } from "@/lib/db/throttle";
import { AppError } from "@/lib/errors";
import { processWide } from "@/lib/process-wide";

const DAY_SECONDS = 24 * 60 * 60;
const FREE_TRIES_TOGETHER = 5;
const FREE_TRIES_ACCOUNT = 20;
const FIRST_DELAY_SECONDS = 30;
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

const throttles = () =>
  processWide("auth.throttles", () => ({
    togetherCount: makeThrottle("signin_pair", 1_000_000, DAY_SECONDS),
    togetherBlock: makeThrottle("signin_pair_block", 1, DAY_SECONDS),
    accountCount: makeThrottle("signin_account", 1_000_000, DAY_SECONDS),
    accountBlock: makeThrottle("signin_account_block", 1, DAY_SECONDS),
  }));

const together = ({ email, address }: Attempt) => JSON.stringify([email, address]);

/** Nothing for the free tries, then 30 s, doubling with each wrong password. */
export function delaySeconds(wrong: number, free: number, max: number): number {
  if (wrong < free) return 0;
  return Math.min(max, FIRST_DELAY_SECONDS * 2 ** Math.min(20, wrong - free));
}

/** @throws {AppError} `rate_limited` with the seconds that are left */
export async function assertMayTry(attempt: Attempt): Promise<void> {
  const { togetherBlock, accountBlock } = throttles();
  const waits = await Promise.all([
    togetherBlock.blockedMs(together(attempt)),
    attempt.isKnownBrowser ? 0 : accountBlock.blockedMs(attempt.email),
  ]);
  const waitMs = Math.max(...waits);
  if (waitMs > 0) {
    throw new AppError("rate_limited", "too many wrong passwords", {
      retryAfterSeconds: Math.ceil(waitMs / 1_000),
    });
  }
}

export async function countWrongPassword(attempt: Attempt): Promise<void> {
  const { togetherCount, togetherBlock, accountCount, accountBlock } = throttles();
  const pairs = await togetherCount.count(together(attempt));
  const accounts = await accountCount.count(attempt.email);
  const pairDelay = delaySeconds(pairs, FREE_TRIES_TOGETHER, DELAY_SECONDS_MAX_TOGETHER);
  const accountDelay = delaySeconds(accounts, FREE_TRIES_ACCOUNT, DELAY_SECONDS_MAX_ACCOUNT);
  if (pairDelay > 0) await togetherBlock.block(together(attempt), pairDelay);
  if (accountDelay > 0) await accountBlock.block(attempt.email, accountDelay);
}

/** A right password ends the count of this pair. The account's count stays: others may be guessing. */
export async function forgetWrongPasswords(attempt: Attempt): Promise<void> {
  await throttles().togetherCount.forget(together(attempt));
}
