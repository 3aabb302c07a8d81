import { randomBytes, randomUUID } from "node:crypto";
import type pg from "pg";
import { makeKey } from "@/lib/api-keys/key-format";
import { SCOPES } from "@/lib/auth/scopes";
import { toPublicId } from "@/lib/public-id";

export type KeyOptions = {
  readonly scopes?: readonly string[];
  /** Default: all apps. */
  readonly apps?: readonly string[];
  readonly expiresAt?: Date;
  readonly revokedAt?: Date;
  readonly networks?: readonly string[];
};

/** Inserts an API key into an organization. @returns the key */
export async function plantKey(
  client: pg.ClientBase,
  organizationId: string,
  { scopes = SCOPES, apps, expiresAt, revokedAt, networks = [] }: KeyOptions = {},
): Promise<string> {
  const { key, hash, tail } = makeKey(organizationId);
  await client.query(
    `INSERT INTO api_key (organization_id, id, name, key_hash, key_tail, scopes, app_ids, is_for_all_apps,
       path_prefixes, networks, requests_per_minute, expires_at, revoked_at)
     VALUES ($1, gen_random_uuid(), 'walk', $2, $3, $4, $5, $6, '{}', $7, 60000, $8, $9)`,
    [
      organizationId,
      hash,
      tail,
      scopes,
      apps ?? [],
      apps === undefined,
      networks,
      expiresAt ?? null,
      revokedAt ?? null,
    ],
  );
  return key.reveal();
}

/** Creates an organization without users. */
export async function plantOrganization(client: pg.ClientBase) {
  const organizationId = randomUUID();
  const name = `组织 ${randomBytes(6).toString("hex")}`;
  await client.query("INSERT INTO organization_ids (id) VALUES ($1)", [organizationId]);
  await client.query("INSERT INTO organization (organization_id, name) VALUES ($1, $2)", [
    organizationId,
    name,
  ]);
  return { organizationId, name, path: `/o/${toPublicId(organizationId)}` };
}
