import "server-only";
import { randomBytes } from "node:crypto";
import { hash, verify } from "@node-rs/argon2";
import { AppError } from "@/lib/errors";
import { networksOf } from "@/lib/limits/address-key";
import { FairQueue, type Sharer } from "@/lib/limits/fair-queue";
import { PASSWORD_HASHES } from "@/lib/limits/numbers";
import { type Attempt, hasManyPasswordChecks, isFrequentGuesser } from "@/lib/limits/sign-in-attempts";
import { processWide } from "@/lib/process-wide";

/** OWASP's recommendation for argon2id, the library's default algorithm: 19 MiB, two passes, one lane. */
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

export const knownSharer = (account: string): Sharer => ["known", account];

/** Returns the queue share of an unproven client. Frequent guessers share one part, so that they can't delay others. */
export const newSharer = (address: string, email = ""): Sharer => [
  "new",
  isFrequentGuesser(address) || hasManyPasswordChecks(email) ? "busy" : "others",
  ...networksOf(address),
];

/** Returns the queue share of a sign-in. A known browser loses its share if its account has many recent checks. */
export const signInSharer = ({ email, address, isKnownBrowser }: Attempt): Sharer =>
  isKnownBrowser && !hasManyPasswordChecks(email) ? knownSharer(email) : newSharer(address, email);

/**
 * Hashes a password. At most two hashes run at once in a process and fifty wait (S6).
 * @throws {AppError} `rate_limited` when the queue is full
 */
export const hashPassword = (password: string, sharer: Sharer): Promise<string> =>
  queue().run(sharer, () => hash(password, OPTIONS));

const phc = (bytes: number) => randomBytes(bytes).toString("base64").replace(/=+$/, "");

/** A hash with the same cost that no password matches, for unknown e-mails. */
const DUMMY_HASH = `$argon2id$v=19$m=${OPTIONS.memoryCost},t=${OPTIONS.timeCost},p=${OPTIONS.parallelism}$${phc(16)}$${phc(32)}`;

/**
 * Compares a password with a hash. A missing hash takes the same time, so that timing reveals no e-mail (S6).
 * @throws {AppError} `rate_limited` when the queue is full
 */
export async function verifyPassword(
  passwordHash: string | null | undefined,
  password: string,
  sharer: Sharer,
): Promise<boolean> {
  const matches = await queue().run(sharer, () => verify(passwordHash ?? DUMMY_HASH, password));
  return matches && passwordHash != null;
}
