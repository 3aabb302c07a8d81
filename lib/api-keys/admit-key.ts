import "server-only";
import { grantToKey } from "@/lib/auth/actor";
import type { Scope } from "@/lib/auth/scopes";
import { AppError } from "@/lib/errors";
import { takeRequest } from "@/lib/limits/key-rate";
import { type ApiKey, bearerOf } from "./api-key";
import { findKey, findKeyById } from "./authenticate-key";
import { recordUse } from "./last-use";
import type { KeyRef } from "./load-key";
import type { FoundKey } from "./stale-key";

export type RequestRate = {
  readonly limit: number;
  readonly remaining: number;
  /** Seconds until `remaining` equals `limit` again. */
  readonly resetSeconds: number;
};

export type Admitted = {
  readonly key: ApiKey;
  /** The key comes from the cache because the database is unreachable. */
  readonly isStale: boolean;
  readonly rate: RequestRate;
};

export class TooManyRequests extends AppError {
  readonly rate: RequestRate;

  constructor(rate: RequestRate) {
    const { resetSeconds: retryAfterSeconds } = rate;
    super("rate_limited", "the key exceeded its requests per minute", { retryAfterSeconds });
    this.rate = rate;
  }
}

/**
 * Authenticates a request by its API key and counts it.
 * @throws {TooManyRequests}
 * @throws {AppError} as `findKey`
 */
export const admitKey = async (authorization: string | null, address: string): Promise<Admitted> =>
  admit(await findKey(bearerOf(authorization), address), address);

/**
 * Authenticates a request that presents a lease, and counts it. @throws {TooManyRequests}; {AppError} as `findKeyById`
 */
export const admitKeyById = async (keyName: KeyRef, address: string): Promise<Admitted> =>
  admit(await findKeyById(keyName, address), address);

async function admit({ key, isStale }: FoundKey, address: string): Promise<Admitted> {
  recordUse(key, address);
  const taken = takeRequest(key.keyId, key.requestsPerMinute);
  // Awaiting only a promise saves the other requests a turn of the event loop.
  const { isAllowed, ...rate } = taken instanceof Promise ? await taken : taken;
  if (!isAllowed) throw new TooManyRequests(rate);
  return { key, isStale, rate };
}

/** Checks the key of a long request again without counting it. @throws {AppError} as `findKey`; `forbidden` */
export async function confirmKey(authorization: string | null, address: string, scope: Scope): Promise<void> {
  const { key } = await findKey(bearerOf(authorization), address);
  grantToKey(key, scope);
}
