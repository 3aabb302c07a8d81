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
import { KeyMemory } from "./key-cache";
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

/** A key that is looked for: the name that it is remembered by, and how the database knows it. */
type Sought = { readonly name: string; readonly read: () => Promise<ApiKey | null> };

const byHash = ({ organizationId, hash }: KeyParts): Sought => ({
  name: hash.toString("base64"),
  async read() {
    const row = await readRow(organizationId, BY_HASH, hash);
    return row && timingSafeEqual(row.key_hash, hash) ? toApiKey(organizationId, row) : null;
  },
});

const byId = ({ organizationId, keyId }: KeyName): Sought => ({
  name: `${organizationId}/${keyId}`,
  async read() {
    const row = await readRow(organizationId, BY_ID, keyId);
    return row && toApiKey(organizationId, row);
  },
});

type Held = {
  readonly memory: KeyMemory;
  readonly wrong: WrongKeys;
  readonly underWay: Map<string, Promise<ApiKey | null>>;
};
const held = () =>
  processWide<Held>("auth.keys", () => ({
    memory: new KeyMemory(),
    wrong: new WrongKeys(),
    underWay: new Map(),
  }));

/** How often a key is looked at whose changes nobody tells us. */
const LOOK_AGAIN_MS = 1_000;

/**
 * Runs `look` whenever a key may have been revoked or changed, for a request that waits: after a notice of it, and
 * every second while this process hears of no changes.
 *
 * @returns what ends it
 */
export function watchKey(keyId: string, look: () => void): () => void {
  const unwatch = held().memory.watch((changed) => {
    if (changed === null || changed === keyId) look();
  });
  const timer = setInterval(() => isListening() || look(), LOOK_AGAIN_MS);
  return () => {
    clearInterval(timer);
    unwatch();
  };
}

/** Many requests with a key that isn't known yet ask once. */
function readOnce({ name, read }: Sought): Promise<ApiKey | null> {
  const { memory, underWay } = held();
  const readAnew = async () => {
    const { mark } = memory;
    const key = await read();
    if (key) memory.remember(name, key, mark);
    else memory.forget(name);
    return key;
  };
  const shared = underWay.get(name) ?? readAnew().finally(() => underWay.delete(name));
  underWay.set(name, shared);
  return shared;
}

const staleMsMax = (): number => env().STALE_KEY_SECONDS * 1_000;

/** A key, and whether the database could not be asked whether it is still one. */
export type FoundKey = { readonly key: ApiKey; readonly isStale: boolean };

async function find(sought: Sought): Promise<FoundKey | null> {
  const { memory } = held();
  const sure = memory.find(sought.name);
  if (sure) return { key: sure, isStale: false };
  try {
    const key = await readOnce(sought);
    return key && { key, isStale: false };
  } catch (error) {
    const unsure = memory.findStale(sought.name, staleMsMax());
    if (!unsure) throw error;
    return { key: unsure, isStale: true };
  }
}

const unknownKey = () => new AppError("unauthenticated", "no such key, or it was revoked or has run out");

/**
 * Who a request's key says that it is. A key that is known needs no database; one that was revoked is forgotten
 * by every process within a second, or within 15 s should a notice get lost. While the database can't be asked, keys
 * that it confirmed in the last
 * `STALE_KEY_SECONDS` are still believed.
 *
 * @param presented what stood behind `Bearer`, as it came
 * @param address where the request came from, whose wrong keys are counted
 * @throws {AppError} `unauthenticated`; `rate_limited` after 30 wrong ones in a minute; `forbidden` from an
 *   address that the key doesn't allow; `unavailable` when the database is away
 */
export async function findKey(presented: string, address: string): Promise<FoundKey> {
  const { wrong, memory, underWay } = held();
  const nowMs = Date.now();
  const parts = readKey(presented);
  const sought = parts && byHash(parts);
  const name = sought?.name ?? "";
  // Not counted as a guess: a key that was confirmed lately, and one that another request looks up already.
  const isFree = memory.findStale(name, staleMsMax()) !== null || underWay.has(name);
  const ask = (key: Sought) => (isFree ? find(key) : find(key).finally(wrong.lookUp(address)));
  if (!isFree) {
    const waitMs = wrong.waitMs(address, nowMs);
    if (waitMs > 0) {
      const retryAfterSeconds = Math.ceil(waitMs / 1_000);
      throw new AppError("rate_limited", "too many wrong keys from this address", { retryAfterSeconds });
    }
  }
  const found = sought && !wrong.isUnknown(name, nowMs) ? await ask(sought) : null;
  if (!found) {
    wrong.count(address, name, nowMs);
    throw unknownKey();
  }
  return usable(found, address, nowMs);
}

/** A key by its own id, as something that we signed names it. */
export type KeyName = { readonly organizationId: string; readonly keyId: string };

/**
 * Returns a key that was confirmed lately; `null` for any other. It decides only whose share of the server's work a
 * request counts for.
 */
export function knownKey(presented: string): KeyName | null {
  const parts = readKey(presented);
  return parts && held().memory.findStale(byHash(parts).name, staleMsMax());
}

/**
 * The same for a key whose holder shows something else that we gave out for it. It can't be guessed, so nothing is
 * counted against the address.
 *
 * @throws {AppError} `unauthenticated`; `forbidden` from an address that the key doesn't allow; `unavailable`
 */
export async function findKeyById(keyName: KeyName, address: string): Promise<FoundKey> {
  const { wrong } = held();
  const nowMs = Date.now();
  const sought = byId(keyName);
  const found = wrong.isUnknown(sought.name, nowMs) ? null : await find(sought);
  if (!found) {
    wrong.remember(sought.name, nowMs);
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
