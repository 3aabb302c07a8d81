import { v7 as newId } from "uuid";
import { makeKey } from "@/lib/api-keys/key-format";
import type { AppRef } from "@/lib/app-ref";
import { SCOPES } from "@/lib/auth/scopes";
import { LIMITS } from "@/lib/db/time-limits";
import { inOrganizationSql } from "@/lib/db/unit-of-work";
import { Redacted } from "@/lib/redacted";
import { secretContext } from "@/lib/secrets/app-secret";
import { sealSecret } from "@/lib/secrets/sealed-secrets";
import { sealToken } from "@/lib/tokens/store/stored-token";

/** Creates apps with tokens that outlive the measurement. They are synced only on request. */
export async function plantApps(organizationId: string, count: number): Promise<AppRef[]> {
  const apps = Array.from({ length: count }, () => ({ organizationId, appId: newId() }));
  const ids = apps.map(({ appId }) => appId);
  await inOrganizationSql(
    { organizationId },
    async (client) => {
      await client.query(
        `INSERT INTO dingtalk_app (organization_id, id, name, app_key, sealed_secret, secret_tail, state,
           sync_every_hours, updated_at)
         SELECT $1, id, 'bench', id::text, sealed, '', 'verified', 0, now()
         FROM unnest($2::uuid[], $3::bytea[]) AS n (id, sealed)`,
        [
          organizationId,
          ids,
          ids.map((id) => sealSecret(secretContext(organizationId, id), new Redacted(`secret of ${id}`))),
        ],
      );
      await client.query(
        `INSERT INTO app_token (organization_id, app_id, version, sealed_token, changed_at, obtained_at,
           expires_at, renew_at)
         SELECT $1, id, 1, sealed, now(), now(), now() + interval '2 hours', now() + interval '110 minutes'
         FROM unnest($2::uuid[], $3::bytea[]) AS n (id, sealed)`,
        [organizationId, ids, apps.map((app) => sealToken(app, new Redacted(`token of ${app.appId}`)))],
      );
    },
    LIMITS.bulk,
  );
  return apps;
}

const UNLIMITED = 1_000_000_000;

/** Creates an API key whose rate limit no measurement reaches. */
export async function plantKey(organizationId: string): Promise<string> {
  const { key, hash, tail } = makeKey(organizationId);
  await inOrganizationSql({ organizationId }, (client) =>
    client.query(
      `INSERT INTO api_key (organization_id, id, name, key_hash, key_tail, scopes, app_ids, is_for_all_apps,
         path_prefixes, networks, requests_per_minute)
       VALUES ($1, $2, 'bench', $3, $4, $5, '{}', true, '{}', '{}', $6)`,
      [organizationId, newId(), hash, tail, SCOPES, UNLIMITED],
    ),
  );
  return key.reveal();
}
