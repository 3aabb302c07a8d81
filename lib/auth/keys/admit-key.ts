import "server-only";
import { AppError } from "@/lib/errors";
import type { ApiKey } from "./api-key";
import { findKey } from "./find-key";
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
  readonly rate: RequestRate | null;
};

const BEARER = /^Bearer +(\S+)$/i;

/**
 * Lets a service's request in by its key.
 *
 * @param authorization the header, as it came
 * @throws {AppError} as `findKey`
 */
export async function admitKey(authorization: string | null, address: string): Promise<Admitted> {
  const presented = BEARER.exec(authorization ?? "")?.[1];
  if (presented === undefined) throw new AppError("unauthenticated", "there is no key in the request");
  const { key, isStale } = await findKey(presented, address);
  noteUse(key, address);
  return { key, isStale, rate: null };
}
