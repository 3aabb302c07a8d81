import "server-only";
import type pg from "pg";
import type { AppRef } from "@/lib/app-ref";
import { runSql, type Work } from "@/lib/db/run-sql";
import type { DingtalkError } from "@/lib/dingtalk/errors";
import type { Redacted } from "@/lib/redacted";
import { type AnswerPlan, answerPlan, type HeldBefore } from "../renewal/answer-plan";
import type { Failing } from "../renewal/breaker";
import { attemptLimits, type Moment } from "../renewal/renewal-policy";
import type { RowClaim } from "./claim";
import { openToken, sealToken } from "./sealed-token";
import { announce, type LeaseTable } from "./token-table";

/** A token, or a ticket, as DingTalk gave it. */
export type Answer = { readonly token: Redacted; readonly expiresAt: Date };

type HeldRow = {
  readonly sealed: Uint8Array | null;
  readonly obtained_at: Date | null;
  readonly expires_at: Date | null;
  readonly changed_at: Date | null;
  readonly not_extended_until: Date | null;
  readonly attempted_at: Date[];
  readonly failures: number;
};

/** A row that nobody else changes before the unit of work ends. */
export type LockedRow = Failing & { readonly before: HeldBefore | null };

const lockSql = ({ name, column }: LeaseTable) => `
  SELECT ${column} AS sealed, obtained_at, expires_at, changed_at, not_extended_until, attempted_at, failures
  FROM ${name}
  WHERE organization_id = $1::uuid AND app_id = $2::uuid AND ($3::uuid IS NULL OR renewing_by = $3::uuid) FOR UPDATE`;

/** @param claim the row only while this is its claim: whoever lost theirs writes neither a token nor a failure */
export async function lockRow(
  work: Work,
  table: LeaseTable,
  app: AppRef,
  claim: RowClaim | null,
): Promise<LockedRow | null> {
  const values = [app.organizationId, app.appId, claim?.id ?? null];
  const [row] = await runSql<HeldRow>(work, lockSql(table), values);
  if (!row) return null;
  const { attempted_at: attemptedAt, failures } = row;
  const attemptsMax = attemptLimits({
    obtainedAt: row.obtained_at,
    expiresAt: row.expires_at,
    changedAt: row.changed_at,
    notExtendedUntil: row.not_extended_until,
  }).all;
  return { before: heldBefore(openToken(app, row.sealed, table), row), attemptedAt, failures, attemptsMax };
}

function heldBefore(token: Redacted | null, row: HeldRow): HeldBefore | null {
  const { obtained_at: obtainedAt, expires_at: expiresAt, changed_at: changedAt } = row;
  if (!token || !obtainedAt || !expiresAt || !changedAt) return null;
  return { value: token.reveal(), obtainedAt, expiresAt, changedAt };
}

const storeSql = ({ name, column }: LeaseTable) => `
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

export type Stored = {
  readonly before: HeldBefore | null;
  /** When DingTalk was asked. */
  readonly askedAt: Date;
  readonly isForced: boolean;
  readonly moment: Moment;
};

/** Stores what DingTalk gave, and tells all processes. @returns what follows from it */
export async function writeAnswer(
  work: Work,
  table: LeaseTable,
  app: AppRef,
  { answer, stored }: { readonly answer: Answer; readonly stored: Stored },
): Promise<AnswerPlan> {
  const answered = { value: answer.token.reveal(), expiresAt: answer.expiresAt };
  const plan = answerPlan(stored.before, answered, { ...stored, lifeMsMax: table.lifeMsMax });
  await runSql(work, storeSql(table), [
    app.organizationId,
    app.appId,
    sealToken(app, answer.token, table),
    stored.askedAt,
    plan.expiresAt,
    plan.renewAt,
    plan.notExtendedUntil,
    plan.isNewString,
    plan.isNewVersion,
    plan.forceAfter,
  ]);
  await announce(table, work, app);
  return plan;
}

const failSql = ({ name }: LeaseTable) => `
  UPDATE ${name} SET
    renew_at = $3, last_error = $4::jsonb, last_error_at = $5, failures = failures + 1, renewing_by = NULL, renewing_until = NULL
  WHERE organization_id = $1 AND app_id = $2`;

export type Failed = { readonly error: DingtalkError; readonly renewAt: Date | null; readonly nowMs: number };

/** Stores that a renewal failed, and when the next one may be tried; what was held stays. */
export async function writeFailure(
  client: pg.ClientBase,
  table: LeaseTable,
  app: AppRef,
  { error, renewAt, nowMs }: Failed,
): Promise<void> {
  const description = JSON.stringify(error.describe());
  const values = [app.organizationId, app.appId, renewAt, description, new Date(nowMs)];
  await client.query(failSql(table), values);
  await announce(table, client, app);
}

const releaseSql = ({ name }: LeaseTable) => `
  UPDATE ${name} SET renewing_by = NULL, renewing_until = NULL
  WHERE organization_id = $1 AND app_id = $2 AND renewing_by = $3`;

/** Gives a claim back that came to nothing. */
export async function releaseRow(
  client: pg.ClientBase,
  table: LeaseTable,
  app: AppRef,
  claim: RowClaim,
): Promise<void> {
  await client.query(releaseSql(table), [app.organizationId, app.appId, claim.id]);
  await announce(table, client, app);
}
