import "server-only";
import type { AppRef } from "@/lib/app-ref";
import { inOrganizationSql, LIMITS } from "@/lib/db/unit-of-work";
import type { JsonValue } from "@/lib/dingtalk/read-json";
import { canonicalJson } from "../../canonical-json";
import type { Scope } from "../../runs/run-reasons";
import { type DirectorySettings, readSettings } from "../../settings/directory-settings";

export type StoredDirectory = {
  readonly settings: DirectorySettings;
  /** The app's scope at the last complete read; `null` before the first. */
  readonly scope: Scope | null;
  readonly triesWhole: boolean;
  readonly keepsPersonal: boolean;
};

const WHOLE_REFUSED_DAYS = 30;

type Row = {
  readonly scope: Scope | null;
  readonly triesWhole: boolean | null;
  readonly keepsPersonal: boolean;
};

export function loadStoredDirectory(app: AppRef): Promise<StoredDirectory> {
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

export async function recordWholeListing(
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

/** The columns of a department that a sync compares. Ids and numbers are decimal text. */
export type DepartmentRow = {
  readonly departmentId: string;
  readonly parentId: string | null;
  readonly name: string;
  readonly order: string | null;
  readonly sourceIdentifier: string | null;
  /** JSON text with sorted keys, like `details`, so that equal values are equal texts. */
  readonly extra: string;
  readonly details: string | null;
};

export type StoredDepartment = DepartmentRow & {
  readonly isRemoved: boolean;
  /** Restored by a person, so a sync does not remove it. */
  readonly isKept: boolean;
  readonly sinceRevision: number;
  /** When the details were read, in milliseconds since the epoch; `null` for never. */
  readonly detailsAtMs: number | null;
};

/** The parents of stored departments that are not removed, by department. */
export type StoredParents = ReadonlyMap<string, string | null>;

type StoredRow = Omit<StoredDepartment, "extra" | "details"> & {
  readonly extra: JsonValue;
  readonly details: JsonValue;
};

/** Bounds memory: `extra` and `details` are objects until they become text. */
const ROWS_AT_ONCE = 5_000;

const ROWS = `
  SELECT department_id::text AS "departmentId", parent_id::text AS "parentId", name, "order"::text,
    source_identifier AS "sourceIdentifier", extra, details, removed_at IS NOT NULL AS "isRemoved",
    kept_at IS NOT NULL AS "isKept", since_revision AS "sinceRevision",
    (extract(epoch FROM details_at) * 1000)::float8 AS "detailsAtMs"
  FROM department WHERE organization_id = $1 AND app_id = $2 AND department_id > $3::bigint
  ORDER BY department_id LIMIT ${ROWS_AT_ONCE}`;

export function loadStoredDepartments(app: AppRef): Promise<ReadonlyMap<string, StoredDepartment>> {
  return inOrganizationSql(
    app,
    async (client) => {
      const stored = new Map<string, StoredDepartment>();
      for (let last: string | undefined = "0"; last !== undefined; ) {
        const { rows }: { rows: StoredRow[] } = await client.query<StoredRow>(ROWS, [
          app.organizationId,
          app.appId,
          last,
        ]);
        for (const row of rows) stored.set(row.departmentId, toStored(row));
        last = rows.length < ROWS_AT_ONCE ? undefined : rows.at(-1)?.departmentId;
      }
      return stored;
    },
    LIMITS.bulk,
  );
}

const toStored = (row: StoredRow): StoredDepartment => ({
  ...row,
  extra: canonicalJson(row.extra),
  details: row.details === null ? null : canonicalJson(row.details),
});

export function storedParents(stored: ReadonlyMap<string, StoredDepartment>): StoredParents {
  const parents = new Map<string, string | null>();
  for (const [id, { parentId, isRemoved }] of stored) if (!isRemoved) parents.set(id, parentId);
  return parents;
}
