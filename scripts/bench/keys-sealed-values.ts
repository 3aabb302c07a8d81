import { v7 as newId } from "uuid";
import { keyIdOf, open, parseKeyRing, seal } from "@/lib/crypto/envelope";
import { LIMITS } from "@/lib/db/time-limits";
import { inOrganizationSql } from "@/lib/db/unit-of-work";
import { SEALED_COLUMNS } from "@/lib/key-rotation/sealed-columns";
import { secretContext } from "@/lib/secrets/app-secret";
import { makeOrganization, type TestOrganization } from "@/lib/testing/factories";
import type { MeasuredDatabase } from "./measuring/measured-database";

export const ORGANIZATIONS = 100;
export const APPS = 1_000;

export type SealedApp = { readonly organization: TestOrganization; readonly appId: string };

/**
 * Creates organizations with apps whose secrets are sealed with the old key.
 *
 * @returns one app of each organization
 */
export async function makeSealed(oldKey: string): Promise<SealedApp[]> {
  const ring = parseKeyRing([oldKey]);
  const made: SealedApp[] = [];
  for (let number = 0; number < ORGANIZATIONS; number += 1) {
    const organization = await makeOrganization();
    const { organizationId } = organization;
    const ids = Array.from({ length: APPS }, () => newId());
    const sealed = ids.map((id) => seal(ring, secretContext(organizationId, id), `secret of ${id}`));
    await inOrganizationSql(
      { organizationId },
      (client) =>
        client.query(
          `INSERT INTO dingtalk_app (organization_id, id, name, app_key, sealed_secret, secret_tail, state, updated_at)
           SELECT $1, id, 'bench', id::text, sealed, '', 'disabled', now() FROM unnest($2::uuid[], $3::bytea[]) AS n (id, sealed)`,
          [organizationId, ids, sealed],
        ),
      LIMITS.bulk,
    );
    made.push({ organization, appId: ids[0] ?? "" });
  }
  return made;
}

/**
 * Opens every sealed value with the new key alone.
 *
 * @returns the number of opened values, and the failures
 */
export async function openAll(
  { admin }: MeasuredDatabase,
  newKey: string,
): Promise<{ opened: number; wrong: string[] }> {
  const ring = parseKeyRing([newKey]);
  const wrong: string[] = [];
  let opened = 0;
  for (const { table, column, row } of SEALED_COLUMNS) {
    const { rows } = await admin.query<{ organizationId: string; row: string; sealed: Buffer }>(
      `SELECT organization_id AS "organizationId", ${row}::text AS row, ${column} AS sealed FROM ${table} WHERE ${column} IS NOT NULL`,
    );
    for (const { sealed, ...place } of rows) {
      try {
        open(ring, { ...place, table, column }, sealed);
        opened += 1;
      } catch {
        wrong.push(`${table}.${column} of ${place.row} is sealed with ${keyIdOf(sealed)}`);
      }
    }
  }
  return { opened, wrong };
}
