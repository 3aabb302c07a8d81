import "server-only";
import { timingSafeEqual } from "node:crypto";
import { isListening } from "@/lib/db/notifications";
import { inOrganizationSql } from "@/lib/db/unit-of-work";
import { env } from "@/lib/env";
import { AppError } from "@/lib/errors";
import { WrongKeys } from "@/lib/limits/wrong-keys";
import { processWide } from "@/lib/process-wide";
import { parseNetworks } from "@/lib/request/client-address";
import { type ApiKey, isAllowedFrom } from "./api-key";
import { KeyCache } from "./key-cache";
import { type KeyParts, readKey } from "./key-format";

type KeyRow = {
  readonly id: string;
  readonly key_hash: Buffer;
  readonly name: string;
  readonly scopes: string[];
  readonly app_ids: string[];
  readonly is_for_all_apps: boolean;
  readonly path_prefixes: string[];
  readonly networks: string[];
  readonly requests_per_minute: number;
  readonly monthly_share: number | null;
  readonly expires_at: Date | null;
};

const readSql = (column: "key_hash" | "id") => `
  SELECT id, key_hash, name, scopes, app_ids, is_for_all_apps, path_prefixes, networks, requests_per_minute,
    monthly_share, expires_at
  FROM api_key WHERE organization_id = $1 AND ${column} = $2 AND revoked_at IS NULL`;
const BY_HASH = readSql("key_hash");
const BY_ID = readSql("id");

const toApiKey = (organizationId: string, row: KeyRow): ApiKey => ({
  organizationId,
  keyId: row.id,
  name: row.name,
  scopes: new Set(row.scopes),
  appIds: row.is_for_all_apps ? null : new Set(row.app_ids),
  pathPrefixes: row.path_prefixes,
  networks: parseNetworks(row.networks),
  requestsPerMinute: row.requests_per_minute,
  monthlyShare: row.monthly_share,
  expiresAt: row.expires_at,
});

async function readRow(organizationId: string, sql: string, value: Buffer | string): Promise<KeyRow | null> {
  const { rows } = await inOrganizationSql({ organizationId }, (client) =>
    client.query<KeyRow>(sql, [organizationId, value]),
  );
  return rows[0] ?? null;
}

type Lookup = { readonly name: string; readonly read: () => Promise<ApiKey | null> };

const byHash = ({ organizationId, hash }: KeyParts): Lookup => ({
  name: hash.toString("base64"),
  async read() {
    const row = await readRow(organizationId, BY_HASH, hash);
    return row && timingSafeEqual(row.key_hash, hash) ? toApiKey(organizationId, row) : null;
  },
});

const byId = ({ organizationId, keyId }: KeyRef): Lookup => ({
  name: `${organizationId}/${keyId}`,
  async read() {
    const row = await readRow(organizationId, BY_ID, keyId);
    return row && toApiKey(organizationId, row);
  },
});

type KeyState = {
  readonly cache: KeyCache;
  readonly wrong: WrongKeys;
  readonly inFlight: Map<string, Promise<ApiKey | null>>;
};
const keyState = () =>
  processWide<KeyState>("auth.keys", () => ({
    cache: new KeyCache(),
    wrong: new WrongKeys(),
    inFlight: new Map(),
  }));

/** Interval of checks while notices of changes don't arrive. */
const CHECK_INTERVAL_MS = 1_000;

/** Calls `onChange` when a key may have changed: after a notice, and every second while notices don't arrive. */
export function watchKey(keyId: string, onChange: () => void): () => void {
  const unwatch = keyState().cache.watch((changed) => {
    if (changed === null || changed === keyId) onChange();
  });
  const timer = setInterval(() => isListening() || onChange(), CHECK_INTERVAL_MS);
  return () => {
    clearInterval(timer);
    unwatch();
  };
}

function readOnce({ name, read }: Lookup): Promise<ApiKey | null> {
  const { cache, inFlight } = keyState();
  const readAndCache = async () => {
    const { version } = cache;
    const key = await read();
    if (key) cache.remember(name, key, version);
    else cache.forget(name);
    return key;
  };
  const shared = inFlight.get(name) ?? readAndCache().finally(() => inFlight.delete(name));
  inFlight.set(name, shared);
  return shared;
}

const staleMsMax = (): number => env().STALE_KEY_SECONDS * 1_000;

export type FoundKey = { readonly key: ApiKey; readonly isStale: boolean };

async function find(lookup: Lookup): Promise<FoundKey | null> {
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
  const ask = (key: Lookup) => (isUncounted ? find(key) : find(key).finally(wrong.lookUp(address)));
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

export type KeyRef = { readonly organizationId: string; readonly keyId: string };

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
  const found = wrong.isUnknown(lookup.name, nowMs) ? null : await find(lookup);
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
