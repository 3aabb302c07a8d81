import "server-only";

import { AppError } from "@/lib/errors";
import { isAllowedFrom } from "./api-key";
import { readKey } from "./key-format";
import { byHash, byId, type KeyRef, keyState, type Lookup } from "./load-key";
import { type FoundKey, findFreshOrStale, staleMsMax } from "./stale-key";

const unknownKey = () => new AppError("unauthenticated", "the key is unknown, revoked or expired");

/**
 * Authenticates an API key, from the cache if possible. A revoked key is dropped within a second, or 15 s if the
 * notice is lost. While the database is unreachable, keys read in the last `STALE_KEY_SECONDS` are accepted.
 * @throws {AppError} `unauthenticated`; `rate_limited` after 30 wrong keys of an address in a minute; `forbidden` from
 *   an address outside its networks; `unavailable`
 */
export async function findKey(presented: string, address: string): Promise<FoundKey> {
  const { wrong, cache, inFlight } = keyState();
  const nowMs = Date.now();
  const parts = readKey(presented);
  const lookup = parts && byHash(parts);
  const name = lookup?.name ?? "";
  // A recently read key and one that another request is reading are not counted as guesses.
  const isUncounted = cache.findStale(name, staleMsMax()) !== null || inFlight.has(name);
  const ask = (key: Lookup) =>
    isUncounted ? findFreshOrStale(key) : findFreshOrStale(key).finally(wrong.lookUp(address));
  if (!isUncounted) {
    const waitMs = wrong.waitMs(address, nowMs);
    if (waitMs > 0) {
      const retryAfterSeconds = Math.ceil(waitMs / 1_000);
      throw new AppError("rate_limited", "too many wrong keys from this address", { retryAfterSeconds });
    }
  }
  const found = lookup && !wrong.isUnknown(name, nowMs) ? await ask(lookup) : null;
  if (!found) {
    wrong.count(address, name, nowMs);
    throw unknownKey();
  }
  return usable(found, address, nowMs);
}

/** Returns a recently read key, else `null`. It decides only whose share of the server's capacity a request uses. */
export function recentKey(presented: string): KeyRef | null {
  const parts = readKey(presented);
  return parts && keyState().cache.findStale(byHash(parts).name, staleMsMax());
}

/**
 * Authenticates the key of a signed lease, which can't be guessed, so nothing is counted. @throws {AppError} as
 * `findKey`
 */
export async function findKeyById(keyName: KeyRef, address: string): Promise<FoundKey> {
  const { wrong } = keyState();
  const nowMs = Date.now();
  const lookup = byId(keyName);
  const found = wrong.isUnknown(lookup.name, nowMs) ? null : await findFreshOrStale(lookup);
  if (!found) {
    wrong.remember(lookup.name, nowMs);
    throw unknownKey();
  }
  return usable(found, address, nowMs);
}

function usable(found: FoundKey, address: string, nowMs: number): FoundKey {
  const { expiresAt } = found.key;
  if (expiresAt && expiresAt.getTime() <= nowMs) throw unknownKey();
  if (!isAllowedFrom(found.key, address)) {
    throw new AppError("forbidden", "the key may not be used from this address", { detail: "address" });
  }
  return found;
}
