import "server-only";
import type pg from "pg";
import type { AppRef } from "@/lib/app-ref";
import type { SealContext } from "@/lib/crypto/envelope";
import { notify } from "@/lib/db/notifications";
import type { Work } from "@/lib/db/run-sql";
import { notFound } from "@/lib/errors";
import { log } from "@/lib/log";
import type { Redacted } from "@/lib/redacted";
import { openSecret, sealSecret } from "@/lib/secrets/sealed-secrets";
import type { AppState } from "@/prisma/generated/enums";

/** A table with one renewable string per app: access tokens or JSAPI tickets. */
export type TokenTable = {
  readonly name: "app_token" | "jsapi_ticket";
  readonly column: "sealed_token" | "sealed_ticket";
  /** The kind of NOTIFY that announces changes of a row. */
  readonly notice: string;
  /** Longest life of one string, counted from its first receipt; `null` for no bound beyond DingTalk's expiry. */
  readonly lifeMsMax: number | null;
};

export const TOKEN_TABLE: TokenTable = {
  name: "app_token",
  column: "sealed_token",
  notice: "token",
  lifeMsMax: null,
};

/** Invalidates the memory of every process when the unit of work commits. */
export const announceChange = (table: TokenTable, work: Work, { organizationId, appId }: AppRef) =>
  notify(work, { kind: table.notice, organizationId, id: appId });

type SealedColumn = Pick<TokenTable, "name" | "column">;

const contextOf = ({ organizationId, appId }: AppRef, { name, column }: SealedColumn): SealContext => ({
  organizationId,
  table: name,
  row: appId,
  column,
});

export const sealToken = (
  app: AppRef,
  token: Redacted,
  table: SealedColumn = TOKEN_TABLE,
): Uint8Array<ArrayBuffer> => sealSecret(contextOf(app, table), token);

/** Returns `null` if the token can't be opened: its key was removed, or it was copied from another row (S23). */
export function openToken(
  app: AppRef,
  sealed: Uint8Array | null,
  table: SealedColumn = TOKEN_TABLE,
): Redacted | null {
  if (!sealed) return null;
  try {
    return openSecret(contextOf(app, table), sealed);
  } catch (error) {
    log.warn("stored token can't be opened", { ...app, table: table.name, error });
    return null;
  }
}

export type TokenRow = {
  readonly appState: AppState;
  readonly version: number;
  /** The version in which the current string appeared; `null` for `version`. */
  readonly stringVersion: number | null;
  readonly token: Redacted | null;
  /** First receipt of the current string. */
  readonly changedAt: Date | null;
  readonly obtainedAt: Date | null;
  readonly expiresAt: Date | null;
  /** Time of the next renewal or retry; `null` for an app that waits for a person. */
  readonly renewAt: Date | null;
  /** Set if DingTalk returned the same string and expiry. */
  readonly notExtendedUntil: Date | null;
  readonly forceAfter: Date | null;
  readonly lastError: unknown;
  readonly lastErrorAt: Date | null;
  /** End of the current claim; `null` if no process renews. */
  readonly renewingUntil: Date | null;
  readonly attemptedAt: readonly Date[];
  /** Consecutive failed renewals. */
  readonly failures: number;
};

export type StoredToken = {
  readonly token: Redacted;
  readonly expiresAt: Date;
  readonly version: number;
  readonly stringVersion: number;
  readonly changedAt: Date;
  /** Until this time (milliseconds since the epoch), a lease is served without looking for a renewal. */
  readonly freshUntilMs: number;
};

type SqlRow = {
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

const readSql = ({ name, column }: TokenTable) => `
  SELECT a.state, t.version, t.string_version, t.${column} AS sealed, t.changed_at, t.obtained_at, t.expires_at,
    t.renew_at, t.not_extended_until, t.force_after, t.last_error, t.last_error_at, t.renewing_until, t.attempted_at,
    t.failures
  FROM dingtalk_app a LEFT JOIN ${name} t ON t.organization_id = a.organization_id AND t.app_id = a.id
  WHERE a.organization_id = $1 AND a.id = $2`;

const insertSql = ({ name }: TokenTable) => `
  INSERT INTO ${name} (organization_id, app_id, version, attempted_at) VALUES ($1, $2, 0, '{}')
  ON CONFLICT DO NOTHING`;

/** Reads the app's row, and inserts an empty one if there is none. @throws {AppError} `not_found` */
export async function readTokenRow(
  client: pg.ClientBase,
  app: AppRef,
  table: TokenTable = TOKEN_TABLE,
): Promise<TokenRow> {
  const { rows } = await client.query<SqlRow>(readSql(table), [app.organizationId, app.appId]);
  const [row] = rows;
  if (!row) throw notFound("app");
  if (row.version === null) await client.query(insertSql(table), [app.organizationId, app.appId]);
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
