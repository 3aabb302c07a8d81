import "server-only";
import type pg from "pg";
import type { AppRef } from "@/lib/app-ref";
import { announceChange, type TokenRow, type TokenTable } from "./stored-token";

/** The right to renew a token until a time. Another process may take it over after that. */
export type RowClaim = {
  readonly id: string;
  readonly at: Date;
  /** A reader reported the token as refused, although no renewal is due. */
  readonly isForced: boolean;
};

export type ClaimRequest = RowClaim & {
  readonly until: Date;
  readonly attemptsMax: number;
  /** Attempts before this time don't count. */
  readonly countedFrom: Date;
  /** If the claim is forced: the earliest time of the next forced one. */
  readonly forceAfter: Date;
  /** The row that the decision was made on. */
  readonly seen: Pick<TokenRow, "version" | "obtainedAt" | "lastErrorAt">;
};

// Repeats every condition of the decision under the row's lock: a process that waited for the lock finds the token
// renewed and must not renew it again.
const claimSql = ({ name }: TokenTable) => `
  UPDATE ${name} SET
    renewing_by = $3, renewing_until = $4,
    attempted_at = ARRAY(SELECT a FROM unnest(attempted_at) a WHERE a >= $6) || $5::timestamptz,
    force_after = CASE WHEN $11::boolean THEN $12::timestamptz ELSE force_after END
  WHERE organization_id = $1 AND app_id = $2
    AND (renewing_until IS NULL OR renewing_until <= $5)
    AND version = $7 AND obtained_at IS NOT DISTINCT FROM $8 AND last_error_at IS NOT DISTINCT FROM $9
    AND (SELECT count(*) FROM unnest(attempted_at) a WHERE a >= $6) < $10
    AND (NOT $11 OR force_after IS NULL OR force_after <= $5)`;

/** Returns whether the claim was made. It isn't if another process was first or the attempts are used up. */
export async function claimRow(
  client: pg.ClientBase,
  table: TokenTable,
  app: AppRef,
  { id, at, until, attemptsMax, countedFrom, isForced, forceAfter, seen }: ClaimRequest,
): Promise<boolean> {
  const { rowCount } = await client.query(claimSql(table), [
    app.organizationId,
    app.appId,
    id,
    until,
    at,
    countedFrom,
    seen.version,
    seen.obtainedAt,
    seen.lastErrorAt,
    attemptsMax,
    isForced,
    forceAfter,
  ]);
  return rowCount === 1;
}

const releaseSql = ({ name }: TokenTable) => `
  UPDATE ${name} SET renewing_by = NULL, renewing_until = NULL
  WHERE organization_id = $1 AND app_id = $2 AND renewing_by = $3`;

export async function releaseClaim(
  client: pg.ClientBase,
  table: TokenTable,
  app: AppRef,
  claim: RowClaim,
): Promise<void> {
  await client.query(releaseSql(table), [app.organizationId, app.appId, claim.id]);
  await announceChange(table, client, app);
}
