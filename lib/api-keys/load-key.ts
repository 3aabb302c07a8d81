import "server-only";

import { timingSafeEqual } from "node:crypto";
import { inOrganizationSql } from "@/lib/db/unit-of-work";
import { WrongKeys } from "@/lib/limits/wrong-keys";
import { processWide } from "@/lib/process-wide";
import { parseNetworks } from "@/lib/request/client-address";
import type { ApiKey } from "./api-key";
import { KeyCache } from "./key-cache";
import type { KeyParts } from "./key-format";

export type KeyRef = { readonly organizationId: string; readonly keyId: string };

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

export type Lookup = { readonly name: string; readonly read: () => Promise<ApiKey | null> };

export const byHash = ({ organizationId, hash }: KeyParts): Lookup => ({
  name: hash.toString("base64"),
  async read() {
    const row = await readRow(organizationId, BY_HASH, hash);
    return row && timingSafeEqual(row.key_hash, hash) ? toApiKey(organizationId, row) : null;
  },
});

export const byId = ({ organizationId, keyId }: KeyRef): Lookup => ({
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
export const keyState = () =>
  processWide<KeyState>("auth.keys", () => ({
    cache: new KeyCache(),
    wrong: new WrongKeys(),
    inFlight: new Map(),
  }));

export function readOnce({ name, read }: Lookup): Promise<ApiKey | null> {
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
