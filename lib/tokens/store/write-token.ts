import "server-only";
import type pg from "pg";
import type { AppRef } from "@/lib/app-ref";
import { runSql, type Work } from "@/lib/db/run-sql";
import type { DingtalkError } from "@/lib/dingtalk/errors";
import type { Redacted } from "@/lib/redacted";
import type { RowClaim } from "./claim";
import { announceChange, openToken, sealToken, type TokenRow, type TokenTable } from "./stored-token";

export type Answer = { readonly token: Redacted; readonly expiresAt: Date };

type Column = "obtainedAt" | "expiresAt" | "changedAt" | "notExtendedUntil" | "failures";

/** A row that is locked until the unit of work ends. */
export type LockedRow = Pick<TokenRow, Column | "attemptedAt"> & { readonly token: Redacted | null };

const lockSql = ({ name, column }: TokenTable) => `
  SELECT ${column} AS sealed, obtained_at AS "obtainedAt", expires_at AS "expiresAt", changed_at AS "changedAt",
    not_extended_until AS "notExtendedUntil", attempted_at AS "attemptedAt", failures
  FROM ${name}
  WHERE organization_id = $1::uuid AND app_id = $2::uuid AND ($3::uuid IS NULL OR renewing_by = $3::uuid) FOR UPDATE`;

/** Locks the app's row. @param claim returns the row only while this claim holds */
export async function lockRow(
  work: Work,
  table: TokenTable,
  app: AppRef,
  claim: RowClaim | null,
): Promise<LockedRow | null> {
  type SqlRow = Omit<LockedRow, "token"> & { readonly sealed: Uint8Array | null };
  const values = [app.organizationId, app.appId, claim?.id ?? null];
  const [row] = await runSql<SqlRow>(work, lockSql(table), values);
  if (!row) return null;
  const { sealed, ...columns } = row;
  return { ...columns, token: openToken(app, sealed, table) };
}

const storeSql = ({ name, column }: TokenTable) => `
  INSERT INTO ${name} AS t (organization_id, app_id, version, string_version, ${column}, obtained_at, expires_at,
    renew_at, not_extended_until, changed_at, attempted_at)
  VALUES ($1::uuid, $2::uuid, 1, 1, $3::bytea, $4::timestamptz, $5::timestamptz, $6::timestamptz,
    $7::timestamptz, $4::timestamptz, ARRAY[$4::timestamptz])
  ON CONFLICT (organization_id, app_id) DO UPDATE SET
    ${column} = $3::bytea, obtained_at = $4::timestamptz, expires_at = $5::timestamptz,
    renew_at = $6::timestamptz, not_extended_until = $7::timestamptz,
    changed_at = CASE WHEN $8::boolean THEN $4::timestamptz ELSE t.changed_at END,
    version = t.version + CASE WHEN $9::boolean THEN 1 ELSE 0 END,
    string_version = CASE WHEN $8::boolean THEN t.version + 1 ELSE coalesce(t.string_version, t.version) END,
    force_after = coalesce($10::timestamptz, t.force_after),
    last_error = NULL, last_error_at = NULL, failures = 0, renewing_by = NULL, renewing_until = NULL`;

export type TokenUpdate = {
  readonly token: Redacted;
  readonly obtainedAt: Date;
  readonly expiresAt: Date;
  readonly renewAt: Date;
  readonly notExtendedUntil: Date | null;
  readonly isNewString: boolean;
  readonly isNewVersion: boolean;
  /** `null` keeps the stored time. */
  readonly forceAfter: Date | null;
};

/** Stores a token, which ends any claim and clears the last error. */
export async function writeToken(
  work: Work,
  table: TokenTable,
  app: AppRef,
  update: TokenUpdate,
): Promise<void> {
  await runSql(work, storeSql(table), [
    app.organizationId,
    app.appId,
    sealToken(app, update.token, table),
    update.obtainedAt,
    update.expiresAt,
    update.renewAt,
    update.notExtendedUntil,
    update.isNewString,
    update.isNewVersion,
    update.forceAfter,
  ]);
  await announceChange(table, work, app);
}

const failSql = ({ name }: TokenTable) => `
  UPDATE ${name} SET
    renew_at = $3, last_error = $4::jsonb, last_error_at = $5, failures = failures + 1, renewing_by = NULL, renewing_until = NULL
  WHERE organization_id = $1 AND app_id = $2`;

type FailedRenewal = {
  readonly error: DingtalkError;
  /** `null` for no automatic retry. */
  readonly renewAt: Date | null;
  readonly nowMs: number;
};

/** Stores a failed renewal. The current token stays. */
export async function writeFailure(
  client: pg.ClientBase,
  table: TokenTable,
  app: AppRef,
  { error, renewAt, nowMs }: FailedRenewal,
): Promise<void> {
  const description = JSON.stringify(error.describe());
  const values = [app.organizationId, app.appId, renewAt, description, new Date(nowMs)];
  await client.query(failSql(table), values);
  await announceChange(table, client, app);
}
