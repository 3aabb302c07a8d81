import "server-only";
import type pg from "pg";
import type { AppRef } from "@/lib/app-ref";
import { notFound } from "@/lib/errors";
import type { Redacted } from "@/lib/redacted";
import type { AppState } from "@/prisma/generated/enums";
import { openToken } from "./sealed-token";
import { type LeaseTable, TOKEN_TABLE } from "./token-table";

/** What is stored of an app's token, opened. */
export type TokenRow = {
  readonly appState: AppState;
  readonly version: number;
  /** The version that the present string came with; `null`: as the version. */
  readonly stringVersion: number | null;
  readonly token: Redacted | null;
  /** When the present string was first had. */
  readonly changedAt: Date | null;
  readonly obtainedAt: Date | null;
  readonly expiresAt: Date | null;
  readonly renewAt: Date | null;
  readonly notExtendedUntil: Date | null;
  /** No renewal is forced before then. */
  readonly forceAfter: Date | null;
  readonly lastError: unknown;
  readonly lastErrorAt: Date | null;
  /** Until when somebody's claim to renew holds; `null` when nobody has one. */
  readonly renewingUntil: Date | null;
  readonly attemptedAt: readonly Date[];
  /** Renewals that failed one after another. */
  readonly failures: number;
};

type StoredRow = {
  readonly state: AppState;
  readonly version: number | null;
  readonly string_version: number | null;
  readonly sealed: Buffer | null;
  readonly changed_at: Date | null;
  readonly obtained_at: Date | null;
  readonly expires_at: Date | null;
  readonly renew_at: Date | null;
  readonly not_extended_until: Date | null;
  readonly force_after: Date | null;
  readonly last_error: unknown;
  readonly last_error_at: Date | null;
  readonly renewing_until: Date | null;
  readonly attempted_at: Date[] | null;
  readonly failures: number | null;
};

const readSql = ({ name, column }: LeaseTable) => `
  SELECT a.state, t.version, t.string_version, t.${column} AS sealed, t.changed_at, t.obtained_at, t.expires_at,
    t.renew_at, t.not_extended_until, t.force_after, t.last_error, t.last_error_at, t.renewing_until, t.attempted_at,
    t.failures
  FROM dingtalk_app a LEFT JOIN ${name} t ON t.organization_id = a.organization_id AND t.app_id = a.id
  WHERE a.organization_id = $1 AND a.id = $2`;

const makeSql = ({ name }: LeaseTable) => `
  INSERT INTO ${name} (organization_id, app_id, version, attempted_at) VALUES ($1, $2, 0, '{}')
  ON CONFLICT DO NOTHING`;

/**
 * The app's token as it is stored; a row is made for an app that has none.
 *
 * @throws {AppError} `not_found` when the app is gone, or another organization's
 */
export async function readTokenRow(
  client: pg.ClientBase,
  app: AppRef,
  table: LeaseTable = TOKEN_TABLE,
): Promise<TokenRow> {
  const { rows } = await client.query<StoredRow>(readSql(table), [app.organizationId, app.appId]);
  const [row] = rows;
  if (!row) throw notFound("app");
  if (row.version === null) await client.query(makeSql(table), [app.organizationId, app.appId]);
  return {
    appState: row.state,
    version: row.version ?? 0,
    stringVersion: row.string_version,
    token: openToken(app, row.sealed, table),
    changedAt: row.changed_at,
    obtainedAt: row.obtained_at,
    expiresAt: row.expires_at,
    renewAt: row.renew_at,
    notExtendedUntil: row.not_extended_until,
    forceAfter: row.force_after,
    lastError: row.last_error,
    lastErrorAt: row.last_error_at,
    renewingUntil: row.renewing_until,
    attemptedAt: row.attempted_at ?? [],
    failures: row.failures ?? 0,
  };
}
