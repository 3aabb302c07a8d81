import "server-only";
import { addressKey } from "@/lib/address-key";
import { RequestBudgets } from "@/lib/http/request-budgets";
import { processWide } from "@/lib/process-wide";

/** An address that had no wrong password lately may have so many before it counts as one that guesses; five minutes give one back. */
const WRONG = { perSecond: 1 / (5 * 60), burst: 3 };

const budgets = () => processWide("auth.guessers", () => new RequestBudgets(WRONG));

/** Counts a wrong password of an address. */
export const noteGuess = (address: string): void =>
  void budgets().take(addressKey(address), 1, performance.now());

/** Whether an address had several wrong passwords lately. It decides only whose share of the queue for hashes a try has. */
export const isGuesser = (address: string): boolean =>
  budgets().waitMs(addressKey(address), 1, performance.now()) > 0;
