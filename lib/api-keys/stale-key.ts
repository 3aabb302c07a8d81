import "server-only";

import { env } from "@/lib/env";
import type { ApiKey } from "./api-key";
import { keyState, type Lookup, readOnce } from "./load-key";

/** Age up to which a cached key is accepted while the database is unreachable. */
export const staleMsMax = (): number => env().STALE_KEY_SECONDS * 1_000;

export type FoundKey = { readonly key: ApiKey; readonly isStale: boolean };

/** Returns a key from the cache or the database, or a stale one from the cache if the database cannot be read. */
export async function findFreshOrStale(lookup: Lookup): Promise<FoundKey | null> {
  const { cache } = keyState();
  const fresh = cache.find(lookup.name);
  if (fresh) return { key: fresh, isStale: false };
  try {
    const key = await readOnce(lookup);
    return key && { key, isStale: false };
  } catch (error) {
    const stale = cache.findStale(lookup.name, staleMsMax());
    if (!stale) throw error;
    return { key: stale, isStale: true };
  }
}
