import "server-only";
import { v7 as newId } from "uuid";
import { type AppRef, parseAppRef } from "@/lib/app-ref";
import type { Actor } from "@/lib/auth/actor";
import { runSql, type Work } from "@/lib/db/run-sql";
import { inOrganizationSql } from "@/lib/db/unit-of-work";
import type { DingtalkError } from "@/lib/dingtalk/errors";
import { faultData } from "@/lib/webhook-log/fault-data";
import { recordEvent } from "@/lib/webhook-log/record-event";

/**
 * - *obtained*: the app's first token
 * - *renewed*: a new string or a later expiry
 * - *unchanged*: DingTalk returned the same string and expiry
 * - *failed*: the renewal failed
 * - *invalidated*: DingTalk refused the token before its expiry
 */
export type TokenEventKind = "obtained" | "renewed" | "unchanged" | "failed" | "invalidated";

type NewTokenEvent = {
  readonly kind: TokenEventKind;
  readonly at: Date;
  readonly tookMs?: number;
  /** The API key that reported the token; none for a call of Dingkeep. */
  readonly keyId?: string | null;
  readonly error?: DingtalkError;
  /** Expiry of an obtained or renewed token. */
  readonly expiresAt?: Date;
};

const INSERT = `
  INSERT INTO token_event (organization_id, id, app_id, at, kind, version, took_ms, key_id, error)
  SELECT t.organization_id, $3::uuid, t.app_id, $4::timestamptz, $5::text, t.version, $6::int, $7::uuid, $8::jsonb
  FROM app_token t WHERE t.organization_id = $1::uuid AND t.app_id = $2::uuid
  RETURNING version`;

/** Adds an event to the app's token timeline and to those of webhooks, in the unit of work that causes it. */
export async function recordTokenEvent(
  work: Work,
  { organizationId, appId }: AppRef,
  event: NewTokenEvent,
): Promise<void> {
  const { kind, at, tookMs, keyId, error } = event;
  const [row] = await runSql<{ version: number }>(work, INSERT, [
    organizationId,
    appId,
    newId(),
    at,
    kind,
    tookMs ?? null,
    keyId ?? null,
    error ? JSON.stringify(error.describe()) : null,
  ]);
  if (row) await recordForWebhooks(work, { organizationId, appId }, event, row.version);
}

async function recordForWebhooks(
  work: Work,
  app: AppRef,
  { kind, at, error, expiresAt }: NewTokenEvent,
  version: number,
): Promise<void> {
  switch (kind) {
    case "obtained":
    case "renewed": {
      const data = { version, expiresAt: expiresAt?.toISOString() ?? null };
      return recordEvent(work, app, { type: "token.renewed", at, data });
    }
    case "failed": {
      const data = { version, error: faultData(error?.describe()) };
      return recordEvent(work, app, { type: "token.failed", at, data });
    }
    case "unchanged":
    case "invalidated":
  }
}

export type TokenEvent = {
  readonly id: string;
  readonly at: Date;
  readonly kind: TokenEventKind;
  readonly version: number;
  readonly tookMs: number | null;
  /** Name of the API key that reported the token; `null` for a call of Dingkeep. */
  readonly keyName: string | null;
  readonly error: unknown;
};

const LISTED_MAX = 30;

const LIST = `
  SELECT e.id, e.at, e.kind, e.version, e.took_ms AS "tookMs", k.name AS "keyName", e.error
  FROM token_event e LEFT JOIN api_key k ON k.organization_id = e.organization_id AND k.id = e.key_id
  WHERE e.organization_id = $1 AND e.app_id = $2 ORDER BY e.at DESC, e.id DESC LIMIT $3`;

/** Lists the latest events of an app's token, newest first. Empty for an app of another organization. */
export function listTokenEvents({ organizationId }: Actor<"app.read">, appId: string): Promise<TokenEvent[]> {
  const app = parseAppRef(organizationId, appId);
  return inOrganizationSql(app, async (client) => {
    const { rows } = await client.query<TokenEvent>(LIST, [organizationId, appId, LISTED_MAX]);
    return rows;
  });
}
