import "server-only";
import { randomBytes } from "node:crypto";
import { hash, verify } from "@node-rs/argon2";
import { AppError } from "@/lib/errors";
import { processWide } from "@/lib/process-wide";

/** OWASP's first choice for argon2id, which is the library's default algorithm: 19 MiB, two passes, one lane. */
const OPTIONS = { memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;

const RUNNING_MAX = 2;
const WAITING_MAX = 50;
const RETRY_AFTER_SECONDS = 5;

type Desk = { running: number; readonly waiting: (() => void)[] };
const desk = () => processWide<Desk>("password.desk", () => ({ running: 0, waiting: [] }));

/**
 * At most two hashes at once in a process and fifty waiting, so that sign-ins can't take the machine (S6).
 *
 * @throws {AppError} `rate_limited` when fifty wait already
 */
async function inTurn<T>(work: () => Promise<T>): Promise<T> {
  const state = desk();
  if (state.running >= RUNNING_MAX) {
    if (state.waiting.length >= WAITING_MAX) {
      throw new AppError("rate_limited", "too many passwords are being checked", {
        retryAfterSeconds: RETRY_AFTER_SECONDS,
      });
    }
    // Whoever ends hands its place over, so `running` stays as it is.
    await new Promise<void>((resolve) => state.waiting.push(resolve));
  } else state.running++;
  try {
    return await work();
  } finally {
    const next = state.waiting.shift();
    if (next) next();
    else state.running--;
  }
}

export const hashPassword = (password: string): Promise<string> => inTurn(() => hash(password, OPTIONS));

const phc = (bytes: number) => randomBytes(bytes).toString("base64").replace(/=+$/, "");

/** A hash that no password has, of the same cost, made without hashing: what an unknown e-mail is compared with. */
const NOBODYS_HASH = `$argon2id$v=19$m=${OPTIONS.memoryCost},t=${OPTIONS.timeCost},p=${OPTIONS.parallelism}$${phc(16)}$${phc(32)}`;

/** Compares; spends the same time when there is no hash to compare with, so time tells no e-mail (S6). */
export async function verifyPassword(
  passwordHash: string | null | undefined,
  password: string,
): Promise<boolean> {
  const matches = await inTurn(() => verify(passwordHash ?? NOBODYS_HASH, password));
  return matches && passwordHash != null;
}
