import "server-only";
import type pg from "pg";
import { runSql, type Work } from "@/lib/db/run-sql";
import type { AccessToken } from "@/lib/dingtalk/access-token";
import type { DingtalkError } from "@/lib/dingtalk/errors";
import type { AppRef } from "./app-ref";
import { isBreaking, noteFailure, noteSuccess } from "./note-outcome";
import { type Moment, type PreviousToken, renewalPlan, retryAtAfterFailure } from "./renewal-policy";
import { announceToken, scheduleRenewal } from "./schedule-renewal";
import { openToken, sealToken } from "./token-place";
import type { Claim } from "./token-row";

type HeldRow = {
  readonly sealed_token: Buffer | null;
  readonly expires_at: Date | null;
  readonly attempted_at: Date[];
};

const HELD = `
  SELECT sealed_token, expires_at, attempted_at FROM app_token
  WHERE organization_id = $1 AND app_id = $2 AND renewing_by = $3 FOR UPDATE`;

/** The row, while the claim is still ours: whoever lost theirs writes nothing, neither a token nor a failure. */
async function lockHeldRow(client: pg.ClientBase, app: AppRef, claim: Claim): Promise<HeldRow | null> {
  const { rows } = await client.query<HeldRow>(HELD, [app.organizationId, app.appId, claim.id]);
  return rows[0] ?? null;
}

function previousOf(app: AppRef, row: HeldRow): PreviousToken | null {
  const token = openToken(app, row.sealed_token);
  return token && row.expires_at && { value: token.reveal(), expiresAt: row.expires_at };
}

/** Parameters of `STORE`, after the app's ids. */
const STORE_SET = `
    sealed_token = $3::bytea, obtained_at = $4::timestamptz, expires_at = $5::timestamptz,
    renew_at = $6::timestamptz, not_extended_until = $7::timestamptz,
    changed_at = CASE WHEN $8::boolean THEN $4::timestamptz ELSE t.changed_at END,
    version = t.version + CASE WHEN $9::boolean THEN 1 ELSE 0 END,
    last_error = NULL, last_error_at = NULL, renewing_by = NULL, renewing_until = NULL`;

const STORE = `UPDATE app_token t SET ${STORE_SET} WHERE t.organization_id = $1::uuid AND t.app_id = $2::uuid`;

const STORE_VERIFIED = `
  INSERT INTO app_token AS t (organization_id, app_id, version, sealed_token, obtained_at, expires_at, renew_at,
    not_extended_until, changed_at, attempted_at)
  VALUES ($1::uuid, $2::uuid, 1, $3::bytea, $4::timestamptz, $5::timestamptz, $6::timestamptz,
    $7::timestamptz, $4::timestamptz, ARRAY[$4::timestamptz])
  ON CONFLICT (organization_id, app_id) DO UPDATE SET ${STORE_SET}`;

type Stored = {
  readonly previous: PreviousToken | null;
  readonly obtainedAt: Date;
  readonly moment: Moment;
  readonly outcome: "worked" | "passed";
};

/** Everything that follows from a token that DingTalk gave, in one unit of work. */
async function write(
  work: Work,
  app: AppRef,
  { statement, answer, stored }: { statement: string; answer: AccessToken; stored: Stored },
): Promise<void> {
  const { previous, obtainedAt, moment, outcome } = stored;
  const answered = { value: answer.token.reveal(), expiresAt: answer.expiresAt };
  const plan = renewalPlan(previous, answered, moment);
  await runSql(work, statement, [
    app.organizationId,
    app.appId,
    sealToken(app, answer.token),
    obtainedAt,
    answer.expiresAt,
    plan.renewAt,
    plan.notExtendedUntil,
    plan.isNewString,
    plan.isNewVersion,
  ]);
  await noteSuccess(work, app, outcome, new Date(moment.nowMs));
  await scheduleRenewal(app, plan.renewAt, work);
  await announceToken(work, app);
}

/** @returns whether it was stored: not by a late writer, whose claim somebody else has by now */
export async function storeAnswer(
  client: pg.ClientBase,
  app: AppRef,
  { claim, answer, moment }: { claim: Claim; answer: AccessToken; moment: Moment },
): Promise<boolean> {
  const row = await lockHeldRow(client, app, claim);
  if (!row) return false;
  const stored: Stored = { previous: previousOf(app, row), obtainedAt: claim.at, moment, outcome: "worked" };
  await write(client, app, { statement: STORE, answer, stored });
  return true;
}

/**
 * Stores a token that was had outside of a renewal. The exchange counts for an app that was just made; for one
 * that was there it was counted before (`countTest`). It ends any that is under way, whose answer may be older.
 */
export function storeToken(work: Work, app: AppRef, answer: AccessToken, moment: Moment): Promise<void> {
  const stored: Stored = { previous: null, obtainedAt: new Date(moment.nowMs), moment, outcome: "passed" };
  return write(work, app, { statement: STORE_VERIFIED, answer, stored });
}

const STORE_FAILURE = `
  UPDATE app_token SET
    renew_at = $3, last_error = $4::jsonb, last_error_at = $5, renewing_by = NULL, renewing_until = NULL
  WHERE organization_id = $1 AND app_id = $2`;

/** Records a renewal that failed, and when the next one is tried; the token that was had stays. */
export async function storeFailure(
  client: pg.ClientBase,
  app: AppRef,
  { claim, error, nowMs }: { claim: Claim; error: DingtalkError; nowMs: number },
): Promise<boolean> {
  const row = await lockHeldRow(client, app, claim);
  if (!row) return false;
  const renewAt = isBreaking(error) ? null : retryAtAfterFailure(row.attempted_at, error.retryAfterMs, nowMs);
  const at = new Date(nowMs);
  const description = JSON.stringify(error.describe());
  await client.query(STORE_FAILURE, [app.organizationId, app.appId, renewAt, description, at]);
  await noteFailure(client, app, error, at);
  if (renewAt) await scheduleRenewal(app, renewAt, client);
  await announceToken(client, app);
  return true;
}

const RELEASE = `
  UPDATE app_token SET renewing_by = NULL, renewing_until = NULL
  WHERE organization_id = $1 AND app_id = $2 AND renewing_by = $3`;

/** Gives a claim back that came to nothing. */
export async function releaseClaim(client: pg.ClientBase, app: AppRef, claim: Claim): Promise<void> {
  await client.query(RELEASE, [app.organizationId, app.appId, claim.id]);
  await announceToken(client, app);
}
