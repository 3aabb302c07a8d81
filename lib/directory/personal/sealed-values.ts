import "server-only";
import { createHmac, randomBytes } from "node:crypto";
import type { ClientBase } from "pg";
import type { AppRef } from "@/lib/app-ref";
import type { SealContext } from "@/lib/crypto/envelope";
import { inOrganizationSql } from "@/lib/db/unit-of-work";
import type { PersonalValues } from "@/lib/dingtalk/members";
import { Redacted } from "@/lib/redacted";
import { openSecret, sealSecret } from "@/lib/secrets/sealed-secrets";
import { chunks } from "../bulk-rows";
import { canonicalJson } from "../canonical-json";
import { lockDirectory } from "../revision";
import { lockKeepsPersonal } from "./storage-setting";

const KEY_BYTES = 32;

/** A member's sealed personal values, with an id that equal values share. */
export type SealedPersonal = { readonly id: string; readonly userId: string; readonly sealed: Uint8Array };

/** Seals the personal values of a member. @returns `null` when there are none */
export type SealPersonal = (userId: string, values: PersonalValues) => SealedPersonal | null;

const contextOf = (organizationId: string, id: string): SealContext => ({
  organizationId,
  table: "member_personal",
  row: id,
  column: "sealed_values",
});

/** Returns a function that seals personal values (S33). Row ids are keyed hashes, to compare without decryption. */
export async function personalSealer(app: AppRef): Promise<SealPersonal> {
  const key = await fingerprintKey(app);
  return (userId, values) => {
    const entries = Object.entries(values);
    if (entries.length === 0) return null;
    const text = canonicalJson(Object.fromEntries(entries));
    const id = uuidOf(createHmac("sha256", key.reveal()).update(`${userId}\n${text}`).digest());
    return { id, userId, sealed: sealSecret(contextOf(app.organizationId, id), new Redacted(text)) };
  };
}

/** A version 8 UUID, whose bits are freely chosen. */
function uuidOf(hash: Buffer): string {
  const bytes = hash.subarray(0, 16);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x80;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = bytes.toString("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

function fingerprintKey(app: AppRef): Promise<Redacted> {
  const { organizationId, appId } = app;
  const place: SealContext = {
    organizationId,
    table: "directory",
    row: appId,
    column: "sealed_fingerprint_key",
  };
  return inOrganizationSql(app, async (client) => {
    await lockDirectory(client, app);
    const { rows } = await client.query<{ sealed: Buffer | null }>(
      `SELECT sealed_fingerprint_key AS sealed FROM directory WHERE organization_id = $1 AND app_id = $2`,
      [organizationId, appId],
    );
    const sealed = rows[0]?.sealed;
    if (sealed) return openSecret(place, sealed);
    const key = new Redacted(randomBytes(KEY_BYTES).toString("base64"));
    await client.query(
      `UPDATE directory SET sealed_fingerprint_key = $3 WHERE organization_id = $1 AND app_id = $2`,
      [organizationId, appId, sealSecret(place, key)],
    );
    return key;
  });
}

/** Stores sealed values if the organization still allows it. Existing rows stay as they are. */
export async function writePersonal(
  client: ClientBase,
  { organizationId, appId }: AppRef,
  rows: readonly SealedPersonal[],
): Promise<void> {
  if (rows.length === 0 || !(await lockKeepsPersonal(client, { organizationId }))) return;
  for (const some of chunks(rows)) {
    await client.query(
      `INSERT INTO member_personal (organization_id, id, app_id, user_id, sealed_values)
       SELECT $1, id, $2, user_id, sealed FROM unnest($3::uuid[], $4::text[], $5::bytea[]) AS row (id, user_id, sealed)
       ON CONFLICT (organization_id, id) DO NOTHING`,
      [
        organizationId,
        appId,
        some.map(({ id }) => id),
        some.map(({ userId }) => userId),
        some.map(({ sealed }) => Buffer.from(sealed)),
      ],
    );
  }
}

/** Decrypts the personal values of a member. @throws {SealError} when the key is missing from ENCRYPTION_KEYS */
export const openPersonal = (organizationId: string, id: string, sealed: Uint8Array): PersonalValues =>
  // The sealed text was serialized from this type
  JSON.parse(openSecret(contextOf(organizationId, id), sealed).reveal()) as PersonalValues;
