import "server-only";
import { grantToKey } from "@/lib/auth/actor";
import type { Scope } from "@/lib/auth/scopes";
import { AppError } from "@/lib/errors";
import { takeRequest } from "@/lib/limits/key-rate";
import { type ApiKey, bearerOf } from "./api-key";
import { type FoundKey, findKey, findKeyById, type KeyName } from "./find-key";
import { noteUse } from "./last-use";

/** How many requests a key may make in a minute, and how many of them are left. */
export type RequestRate = {
  readonly limit: number;
  readonly remaining: number;
  /** Seconds until all of them may be made again. */
  readonly resetSeconds: number;
};

export type Admitted = {
  readonly key: ApiKey;
  /** The database could not be asked whether it is still a key. */
  readonly isStale: boolean;
  readonly rate: RequestRate;
};

/** The key has made all the requests of this minute. */
export class TooManyRequests extends AppError {
  readonly rate: RequestRate;

  constructor(rate: RequestRate) {
    const { resetSeconds: retryAfterSeconds } = rate;
    super("rate_limited", "the key's requests of this minute are used up", { retryAfterSeconds });
    this.rate = rate;
  }
}

/**
 * Lets a service's request in by its key, and counts it.
 *
 * @param authorization the header, as it came
 * @throws {TooManyRequests}
 * @throws {AppError} as `findKey`
 */
export const admitKey = async (authorization: string | null, address: string): Promise<Admitted> =>
  admit(await findKey(bearerOf(authorization), address), address);

/**
 * The same for whoever shows what we gave out for a key.
 *
 * @throws {TooManyRequests}
 * @throws {AppError} as `findKeyById`
 */
export const admitHolder = async (keyName: KeyName, address: string): Promise<Admitted> =>
  admit(await findKeyById(keyName, address), address);

async function admit({ key, isStale }: FoundKey, address: string): Promise<Admitted> {
  noteUse(key, address);
  const taken = takeRequest(key.keyId, key.requestsPerMinute);
  // A promise only where the database has to be asked: awaited always, it would cost each request a turn.
  const { isAllowed, ...rate } = taken instanceof Promise ? await taken : taken;
  if (!isAllowed) throw new TooManyRequests(rate);
  return { key, isStale, rate };
}

/**
 * Looks again whether a key that was let in still is one, for a request that takes its time: a key that was revoked
 * stops working within a second, also where it waits. It counts as no further request.
 *
 * @throws {AppError} as `findKey`, and `forbidden` without the scope
 */
export async function confirmKey(authorization: string | null, address: string, scope: Scope): Promise<void> {
  const { key } = await findKey(bearerOf(authorization), address);
  grantToKey(key, scope);
}
