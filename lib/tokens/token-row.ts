import "server-only";
import type pg from "pg";
import type { Credentials } from "@/lib/dingtalk/credentials";
import { notFound } from "@/lib/errors";
import type { Redacted } from "@/lib/redacted";
import { openCredentials, type StoredCredentials } from "@/lib/secrets/app-credentials";
import type { AppState } from "@/prisma/generated/enums";
import type { AppRef } from "./app-ref";
import { ATTEMPTS_WINDOW_MS } from "./renewal-policy";
import { openToken } from "./token-place";

/** What is stored of an app's token, opened. */
export type TokenRow = {
  readonly appState: AppState;
  readonly version: number;
  readonly token: Redacted | null;
  readonly obtainedAt: Date | null;
  readonly expiresAt: Date | null;
  readonly renewAt: Date | null;
  readonly notExtendedUntil: Date | null;
  readonly lastError: unknown;
  readonly lastErrorAt: Date | null;
  /** Until when somebody's claim to renew holds; `null` when nobody has one. */
  readonly renewingUntil: Date | null;
  readonly attemptedAt: readonly Date[];
};

type StoredRow = {
  readonly state: AppState;
  readonly version: number | null;
  readonly sealed_token: Buffer | null;
  readonly obtained_at: Date | null;
  readonly expires_at: Date | null;
  readonly renew_at: Date | null;
  readonly not_extended_until: Date | null;
  readonly last_error: unknown;
  readonly last_error_at: Date | null;
  readonly renewing_until: Date | null;
  readonly attempted_at: Date[] | null;
};

const READ = `
  SELECT a.state, t.version, t.sealed_token, t.obtained_at, t.expires_at, t.renew_at, t.not_extended_until,
    t.last_error, t.last_error_at, t.renewing_until, t.attempted_at
  FROM dingtalk_app a LEFT JOIN app_token t ON t.organization_id = a.organization_id AND t.app_id = a.id
  WHERE a.organization_id = $1 AND a.id = $2`;

const MAKE = `
  INSERT INTO app_token (organization_id, app_id, version, attempted_at) VALUES ($1, $2, 0, '{}')
  ON CONFLICT DO NOTHING`;

/**
 * The app's token as it is stored; a row is made for an app that has none.
 *
 * @throws {AppError} `not_found` when the app is gone, or another organization's
 */
export async function readTokenRow(client: pg.ClientBase, app: AppRef): Promise<TokenRow> {
  const { rows } = await client.query<StoredRow>(READ, [app.organizationId, app.appId]);
  const [row] = rows;
  if (!row) throw notFound("app");
  if (row.version === null) await client.query(MAKE, [app.organizationId, app.appId]);
  return {
    appState: row.state,
    version: row.version ?? 0,
    token: openToken(app, row.sealed_token),
    obtainedAt: row.obtained_at,
    expiresAt: row.expires_at,
    renewAt: row.renew_at,
    notExtendedUntil: row.not_extended_until,
    lastError: row.last_error,
    lastErrorAt: row.last_error_at,
    renewingUntil: row.renewing_until,
    attemptedAt: row.attempted_at ?? [],
  };
}

/** The right to renew an app's token, until its time is up or somebody takes it away. */
export type Claim = {
  readonly id: string;
  /** When it was made, before DingTalk was asked. */
  readonly at: Date;
  readonly credentials: Credentials;
};

// Everything that the decision to renew rested on is asked again while the row is locked: whoever waited for
// the lock finds the renewal done, and renews nothing.
const CLAIM = `
  UPDATE app_token SET
    renewing_by = $3, renewing_until = $4,
    attempted_at = ARRAY(SELECT a FROM unnest(attempted_at) a WHERE a >= $6) || $5::timestamptz
  WHERE organization_id = $1 AND app_id = $2
    AND (renewing_until IS NULL OR renewing_until <= $5)
    AND version = $7 AND obtained_at IS NOT DISTINCT FROM $8 AND last_error_at IS NOT DISTINCT FROM $9
    AND (SELECT count(*) FROM unnest(attempted_at) a WHERE a >= $6) < $10`;

const CREDENTIALS = `
  SELECT kind, app_key AS "appKey", corp_id AS "corpId", sealed_secret AS "sealedSecret",
    sealed_suite_ticket AS "sealedSuiteTicket"
  FROM dingtalk_app WHERE organization_id = $1 AND id = $2`;

type ClaimRequest = {
  readonly id: string;
  readonly at: Date;
  readonly until: Date;
  readonly attemptsMax: number;
  /** What the decision rested on. */
  readonly seen: TokenRow;
};

/** @returns `null` when somebody else was first, or the attempts are used up */
export async function claimRenewal(
  client: pg.ClientBase,
  app: AppRef,
  { id, at, until, attemptsMax, seen }: ClaimRequest,
): Promise<Claim | null> {
  const { organizationId, appId } = app;
  const { rowCount } = await client.query(CLAIM, [
    organizationId,
    appId,
    id,
    until,
    at,
    new Date(at.getTime() - ATTEMPTS_WINDOW_MS),
    seen.version,
    seen.obtainedAt,
    seen.lastErrorAt,
    attemptsMax,
  ]);
  if (rowCount === 0) return null;
  const { rows } = await client.query<StoredCredentials>(CREDENTIALS, [organizationId, appId]);
  const [stored] = rows;
  if (!stored) throw notFound("app");
  return { id, at, credentials: openCredentials(app, stored) };
}
