import "server-only";
import { processWide } from "@/lib/process-wide";
import { addressKey } from "./address-key";
import { RequestBudgets } from "./token-buckets";

/** Checked passwords after which an address or an account is busy. One is forgotten every five minutes. */
const CHECKED = { perSecond: 1 / (5 * 60), burst: 3 };

const budgets = () => processWide("auth.guessers", () => new RequestBudgets(CHECKED));

/** Counts a wrong password that came from an address. */
export const noteGuess = (address: string): void =>
  void budgets().take(addressKey(address), 1, performance.now());

/** Returns whether an address has recently entered several wrong passwords. Used only to choose its share of the hash queue. */
export const isGuesser = (address: string): boolean =>
  budgets().waitMs(addressKey(address), 1, performance.now()) > 0;

const accountKey = (email: string) => `account ${email}`;

/**
 * Counts a password check by an account's owner: any correct password, and wrong ones from a known browser. The address
 * isn't counted, because many people sign in from one office.
 */
export const noteChecked = (email: string): void =>
  void budgets().take(accountKey(email), 1, performance.now());

/** Returns whether an account had three or more recent password checks. Used only to choose its share of the hash queue. */
export const hasManyChecked = (email: string): boolean =>
  budgets().waitMs(accountKey(email), 1, performance.now()) > 0;
