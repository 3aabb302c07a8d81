import "server-only";
import type { Actor } from "@/lib/auth/actor";
import { inOrganizationSql } from "@/lib/db/unit-of-work";
import { notFound } from "@/lib/errors";
import { isUuid } from "@/lib/public-id";
import { err, ok, type Result } from "@/lib/result";
import { checkSources, type WrongSource } from "./check-mapping";
import type { Mapped } from "./default-mapping";

const SAVED = `
  SELECT a.id, o.keeps_personal AS "keepsPersonal", s.field_mapping AS mapping FROM dingtalk_app a
  JOIN organization o ON o.organization_id = a.organization_id
  LEFT JOIN directory_settings s ON s.organization_id = a.organization_id AND s.app_id = a.id
  WHERE a.organization_id = $1 AND a.id = $2 FOR UPDATE OF a`;

const STORE = `
  INSERT INTO directory_settings (organization_id, app_id, field_mapping, updated_at) VALUES ($1, $2, $3, now())
  ON CONFLICT (organization_id, app_id)
    DO UPDATE SET field_mapping = EXCLUDED.field_mapping, updated_at = EXCLUDED.updated_at`;

type Saved = { readonly keepsPersonal: boolean; readonly mapping: Record<string, string> | null };

type Choice = {
  readonly mapped: Mapped;
  readonly given: Readonly<Record<string, string>>;
  readonly isSave: boolean;
};

/** Saves the sources of one output's fields, or nothing if any is invalid. @returns the errors by field */
export async function saveMapping(
  { organizationId }: Actor<"app.change">,
  appId: string,
  { mapped, given, isSave }: Choice,
): Promise<Result<null, Readonly<Record<string, WrongSource>>>> {
  if (!isUuid(appId)) throw notFound("app");
  return inOrganizationSql({ organizationId }, async (client) => {
    const { rows } = await client.query<Saved>(SAVED, [organizationId, appId]);
    if (!rows[0]) throw notFound("app");
    const { chosen, wrong } = checkSources(mapped, given, rows[0]);
    if (Object.keys(wrong).length > 0) return err(wrong);
    if (!isSave) return ok(null);
    const others = Object.entries(rows[0].mapping ?? {}).filter(([field]) => !field.startsWith(`${mapped}.`));
    const mapping = { ...Object.fromEntries(others), ...chosen };
    await client.query(STORE, [organizationId, appId, JSON.stringify(mapping)]);
    return ok(null);
  });
}
