import "server-only";
import { addressKey } from "@/lib/address-key";
import { RequestBudgets } from "@/lib/http/request-budgets";
import { processWide } from "@/lib/process-wide";

/** Wrong passwords that an address may enter before it counts as a guesser. One is forgotten every five minutes. */
const WRONG = { perSecond: 1 / (5 * 60), burst: 3 };

const budgets = () => processWide("auth.guessers", () => new RequestBudgets(WRONG));

/** Counts a wrong password that came from an address. */
export const noteGuess = (address: string): void =>
  void budgets().take(addressKey(address), 1, performance.now());

/** Returns whether an address has recently entered several wrong passwords. Used only to choose its share of the hash queue. */
export const isGuesser = (address: string): boolean =>
  budgets().waitMs(addressKey(address), 1, performance.now()) > 0;
