import "server-only";
import type { ClientBase } from "pg";
import type { AppRef } from "@/lib/app-ref";

export type DirectorySettings = {
  /** Roots of the subtrees to sync; empty for everything that the app may read. */
  readonly includeIds: readonly string[];
  readonly excludeIds: readonly string[];
  readonly departmentsRemovable: number;
  readonly membersRemovable: number;
  readonly percentRemovable: number;
  readonly readsDetails: boolean;
  readonly detailsDays: number;
  readonly removedDays: number;
  readonly historyDays: number;
  readonly fullEveryHours: number;
};

/** The defaults, which the table has too. */
export const SETTINGS_DEFAULT: DirectorySettings = {
  includeIds: [],
  excludeIds: [],
  departmentsRemovable: 50,
  membersRemovable: 200,
  percentRemovable: 10,
  readsDetails: true,
  detailsDays: 7,
  removedDays: 30,
  historyDays: 400,
  fullEveryHours: 24,
};

export async function readSettings(
  client: ClientBase,
  { organizationId, appId }: AppRef,
): Promise<DirectorySettings> {
  const { rows } = await client.query<DirectorySettings>(
    `SELECT include_ids::text[] AS "includeIds", exclude_ids::text[] AS "excludeIds",
       departments_removable AS "departmentsRemovable", members_removable AS "membersRemovable",
       percent_removable AS "percentRemovable", reads_details AS "readsDetails", details_days AS "detailsDays",
       removed_days AS "removedDays", history_days AS "historyDays", full_every_hours AS "fullEveryHours"
     FROM directory_settings WHERE organization_id = $1 AND app_id = $2`,
    [organizationId, appId],
  );
  return rows[0] ?? SETTINGS_DEFAULT;
}
