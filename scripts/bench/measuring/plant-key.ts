import { v7 as newId } from "uuid";
import { makeKey } from "@/lib/api-keys/key-format";
import { SCOPES } from "@/lib/auth/scopes";
import { inOrganizationSql } from "@/lib/db/unit-of-work";

const UNLIMITED = 1_000_000_000;

/** A key whose requests a minute are not what is measured. */
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
