import "server-only";
import type { Actor } from "@/lib/auth/actor";
import { inDirectory } from "../reader/directory-reader";
import type { GrowthChart, GrowthPoint } from "./schema";

/** One less than the maximum, because the first change is always included. */
const POINTS_MAX = 399;

/** Selects the first change set, and the last one in each of equal time intervals. */
const GROWTH = `
  WITH applied AS MATERIALIZED (
    SELECT revision, applied_at, departments, members,
      min(revision) OVER () AS first, min(applied_at) OVER () AS since,
      greatest(extract(epoch FROM max(applied_at) OVER () - min(applied_at) OVER ()), 1) AS seconds
    FROM change_set
    WHERE organization_id = $1 AND app_id = $2 AND revision IS NOT NULL AND applied_at IS NOT NULL
      AND departments IS NOT NULL AND members IS NOT NULL
  ), placed AS (
    SELECT applied.*, CASE WHEN revision = first THEN -1
      ELSE least(floor(extract(epoch FROM applied_at - since) / seconds * $3), $3 - 1) END AS stretch
    FROM applied
  )
  SELECT DISTINCT ON (stretch) applied_at AS at, departments, members FROM placed ORDER BY stretch, revision DESC`;

type Row = Omit<GrowthPoint, "at"> & { readonly at: Date };

/** Returns the number of departments and members after each change, thinned to 400 points. */
export function readGrowth(actor: Actor<"directory.read">, appId: string): Promise<GrowthChart> {
  return inDirectory(actor, appId, async ({ client, scope }) => {
    const { rows } = await client.query<Row>(GROWTH, [...scope, POINTS_MAX]);
    return { points: rows.map(({ at, ...counts }) => ({ at: at.toISOString(), ...counts })) };
  });
}
