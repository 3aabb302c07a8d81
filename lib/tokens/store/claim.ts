import "server-only";
import type pg from "pg";
import type { AppRef } from "@/lib/app-ref";
import { FORCED_PAUSE_MS } from "../renewal/lease-policy";
import { ATTEMPTS_WINDOW_MS } from "../renewal/renewal-policy";
import type { TokenRow } from "./stored-token";
import type { LeaseTable } from "./token-table";

/** The right to renew, until its time is up or somebody takes it away. */
export type RowClaim = {
  readonly id: string;
  /** When it was made, before DingTalk was asked. */
  readonly at: Date;
  /** A reader wants it, although nothing else does. */
  readonly isForced: boolean;
};

export type ClaimRequest = RowClaim & {
  readonly until: Date;
  readonly attemptsMax: number;
  /** What the decision rested on. */
  readonly seen: Pick<TokenRow, "version" | "obtainedAt" | "lastErrorAt">;
};

// Everything that the decision to renew rested on is asked again while the row is locked: whoever waited for
// the lock finds the renewal done, and renews nothing.
const claimSql = ({ name }: LeaseTable) => `
  UPDATE ${name} SET
    renewing_by = $3, renewing_until = $4,
    attempted_at = ARRAY(SELECT a FROM unnest(attempted_at) a WHERE a >= $6) || $5::timestamptz,
    force_after = CASE WHEN $11::boolean THEN $12::timestamptz ELSE force_after END
  WHERE organization_id = $1 AND app_id = $2
    AND (renewing_until IS NULL OR renewing_until <= $5)
    AND version = $7 AND obtained_at IS NOT DISTINCT FROM $8 AND last_error_at IS NOT DISTINCT FROM $9
    AND (SELECT count(*) FROM unnest(attempted_at) a WHERE a >= $6) < $10
    AND (NOT $11 OR force_after IS NULL OR force_after <= $5)`;

/** @returns whether it is ours: not when somebody else was first, or the attempts are used up */
export async function claimRow(
  client: pg.ClientBase,
  table: LeaseTable,
  app: AppRef,
  { id, at, until, attemptsMax, isForced, seen }: ClaimRequest,
): Promise<boolean> {
  const { rowCount } = await client.query(claimSql(table), [
    app.organizationId,
    app.appId,
    id,
    until,
    at,
    new Date(at.getTime() - ATTEMPTS_WINDOW_MS),
    seen.version,
    seen.obtainedAt,
    seen.lastErrorAt,
    attemptsMax,
    isForced,
    new Date(at.getTime() + FORCED_PAUSE_MS),
  ]);
  return rowCount === 1;
}
