import "server-only";
import type { AppRef } from "@/lib/app-ref";
import { inOrganizationSql } from "@/lib/db/unit-of-work";
import { type DirectorySettings, readSettings } from "../../settings/directory-settings";
import type { Scope } from "./directory-calls";

/** What an app's directory is, before it is read anew. */
export type DirectoryBefore = {
  readonly settings: DirectorySettings;
  /** From where on the app could read when it was last read completely; `null` if it never was. */
  readonly scope: Scope | null;
  /** Whether `department/list` may be tried. */
  readonly triesWhole: boolean;
  readonly keepsPersonal: boolean;
};

/** After this time a refusal of `department/list` is no answer any more. */
const WHOLE_REFUSED_DAYS = 30;

type Row = {
  readonly scope: Scope | null;
  readonly triesWhole: boolean | null;
  readonly keepsPersonal: boolean;
};

/** Reads with what a sync of an app begins. */
export function readBefore(app: AppRef): Promise<DirectoryBefore> {
  const { organizationId, appId } = app;
  return inOrganizationSql(app, async (client) => {
    const { rows } = await client.query<Row>(
      `SELECT directory.scope, organization.keeps_personal AS "keepsPersonal",
         coalesce(directory.whole_listing = 'allowed', true)
           OR directory.whole_listing_at < now() - interval '${WHOLE_REFUSED_DAYS} days' AS "triesWhole"
       FROM organization
       LEFT JOIN directory ON directory.organization_id = $1 AND directory.app_id = $2
       WHERE organization.organization_id = $1`,
      [organizationId, appId],
    );
    const { scope = null, triesWhole, keepsPersonal = false } = rows[0] ?? {};
    return {
      settings: await readSettings(client, app),
      scope,
      triesWhole: triesWhole ?? true,
      keepsPersonal,
    };
  });
}

/** Remembers whether `department/list` gave the whole tree. */
export async function noteWholeListing(
  app: AppRef,
  listing: "allowed" | "not_allowed" | "too_large",
): Promise<void> {
  await inOrganizationSql(app, (client) =>
    client.query(
      `INSERT INTO directory (organization_id, app_id, whole_listing, whole_listing_at) VALUES ($1, $2, $3, now())
       ON CONFLICT (organization_id, app_id) DO UPDATE SET whole_listing = EXCLUDED.whole_listing,
         whole_listing_at = EXCLUDED.whole_listing_at
       WHERE directory.whole_listing IS DISTINCT FROM EXCLUDED.whole_listing OR EXCLUDED.whole_listing <> 'allowed'`,
      [app.organizationId, app.appId, listing],
    ),
  );
}
