import "server-only";
import { randomBytes } from "node:crypto";
import { hash, verify } from "@node-rs/argon2";
import { AppError } from "@/lib/errors";
import { networksOf } from "@/lib/limits/address-key";
import { FairQueue, type Sharer } from "@/lib/limits/fair-queue";
import { PASSWORD_HASHES } from "@/lib/limits/numbers";
import { type Attempt, hasManyPasswordChecks, isFrequentGuesser } from "@/lib/limits/sign-in-attempts";
import { processWide } from "@/lib/process-wide";

/** OWASP's first choice for argon2id, which is the library's default algorithm: 19 MiB, two passes, one lane. */
const OPTIONS = { memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;

const queue = () =>
  processWide(
    "password.queue",
    () =>
      new FairQueue({
        running: PASSWORD_HASHES.running,
        waiting: PASSWORD_HASHES.waiting,
        refusal: () =>
          new AppError("rate_limited", "too many passwords are being checked", {
            retryAfterSeconds: PASSWORD_HASHES.retryAfterSeconds,
          }),
      }),
  );

/** Shares a part of the queue between accounts whose session, browser or link proves that they were here before. */
export const knownSharer = (account: string): Sharer => ["known", account];

/**
 * Shares the other part between networks and their addresses, so that a network with many addresses gets one share. All
 * addresses that recently entered wrong passwords and all accounts that had many passwords checked share one part, so that
 * they can't keep others waiting.
 */
export const newSharer = (address: string, email = ""): Sharer => [
  "new",
  isFrequentGuesser(address) || hasManyPasswordChecks(email) ? "busy" : "others",
  ...networksOf(address),
];

/** Returns the share of a sign-in. An account with many recent password checks loses the share of its known browser. */
export const signInSharer = ({ email, address, isKnownBrowser }: Attempt): Sharer =>
  isKnownBrowser && !hasManyPasswordChecks(email) ? knownSharer(email) : newSharer(address, email);

/**
 * Hashes a password. At most two hashes run at once in a process and fifty wait (S6).
 *
 * @param sharer who asks; each gets a fair share of the waiting places, so that one can't keep the others out
 * @throws {AppError} `rate_limited` when there is no place
 */
export const hashPassword = (password: string, sharer: Sharer): Promise<string> =>
  queue().run(sharer, () => hash(password, OPTIONS));

const phc = (bytes: number) => randomBytes(bytes).toString("base64").replace(/=+$/, "");

/** A hash that no password has, of the same cost, made without hashing: what an unknown e-mail is compared with. */
const DUMMY_HASH = `$argon2id$v=19$m=${OPTIONS.memoryCost},t=${OPTIONS.timeCost},p=${OPTIONS.parallelism}$${phc(16)}$${phc(32)}`;

/**
 * Compares a password with a hash. Without a hash it takes the same time, so that the time tells no e-mail (S6).
 *
 * @param sharer as in `hashPassword`
 * @throws {AppError} `rate_limited` when there is no place
 */
export async function verifyPassword(
  passwordHash: string | null | undefined,
  password: string,
  sharer: Sharer,
): Promise<boolean> {
  const matches = await queue().run(sharer, () => verify(passwordHash ?? DUMMY_HASH, password));
  return matches && passwordHash != null;
}
