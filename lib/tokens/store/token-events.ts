import "server-only";
import { v7 as newId } from "uuid";
import type { AppRef } from "@/lib/app-ref";
import { runSql, type Work } from "@/lib/db/run-sql";
import type { DingtalkError } from "@/lib/dingtalk/errors";

/**
 * *obtained* for the first time, *renewed*, or answered *unchanged* without more life; a renewal *failed*; the
 * token was *invalidated* before its time, because DingTalk refused it.
 */
export type TokenEventKind = "obtained" | "renewed" | "unchanged" | "failed" | "invalidated";

type Happened = {
  readonly kind: TokenEventKind;
  readonly at: Date;
  /** How long DingTalk took. */
  readonly tookMs?: number;
  /** Who said that the token is refused; none for a call of Dingkeep's own. */
  readonly keyId?: string | null;
  readonly error?: DingtalkError;
};

const RECORD = `
  INSERT INTO token_event (organization_id, id, app_id, at, kind, version, took_ms, key_id, error)
  SELECT t.organization_id, $3::uuid, t.app_id, $4::timestamptz, $5::text, t.version, $6::int, $7::uuid, $8::jsonb
  FROM app_token t WHERE t.organization_id = $1::uuid AND t.app_id = $2::uuid`;

/** Puts a line into the app's timeline, in the unit of work in which it happens. */
export async function recordTokenEvent(
  work: Work,
  { organizationId, appId }: AppRef,
  { kind, at, tookMs, keyId, error }: Happened,
): Promise<void> {
  await runSql(work, RECORD, [
    organizationId,
    appId,
    newId(),
    at,
    kind,
    tookMs ?? null,
    keyId ?? null,
    error ? JSON.stringify(error.describe()) : null,
  ]);
}
