import "server-only";
import { v7 as newId } from "uuid";
import { runSql, type Work } from "@/lib/db/run-sql";
import { faultData } from "@/lib/webhook-log/fault-data";
import { recordEvent } from "@/lib/webhook-log/record-event";
import type { AppState } from "@/prisma/generated/enums";

type AppRef = { readonly organizationId: string; readonly appId: string };

type NewState = {
  readonly state: AppState;
  readonly reason: string | null;
  readonly at: Date;
};

const END = `
  UPDATE app_notice SET ended_at = $3::timestamptz
  WHERE organization_id = $1::uuid AND app_id = $2::uuid AND ended_at IS NULL
    AND state IN ('degraded', 'broken')`;

const BEGIN = `
  INSERT INTO app_notice (organization_id, id, app_id, state, since, reason)
  VALUES ($1::uuid, $2::uuid, $3::uuid, $4::text, $5::timestamptz, $6::jsonb)`;

/** Ends the notice of the previous state, creates one for *degraded* and *broken*, and records the event for webhooks. */
export async function recordState(
  work: Work,
  { organizationId, appId }: AppRef,
  { state, reason, at }: NewState,
): Promise<void> {
  await runSql(work, END, [organizationId, appId, at]);
  if (state === "draft" || state === "disabled") return;
  const data = { fault: faultData(reason === null ? null : JSON.parse(reason)) };
  await recordEvent(work, { organizationId, appId }, { type: `app.${state}`, at, data });
  if (state === "verified") return;
  await runSql(work, BEGIN, [organizationId, newId(), appId, state, at, reason]);
}
