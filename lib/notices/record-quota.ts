import "server-only";
import { v7 as newId } from "uuid";
import { runSql, type Work } from "@/lib/db/run-sql";
import { inOrganizationSql } from "@/lib/db/unit-of-work";
import { recordEvent } from "@/lib/webhook-log/record-event";

type AppRef = { readonly organizationId: string; readonly appId: string };

const BEGIN_NEAR = `
  INSERT INTO app_notice (organization_id, id, app_id, state, since)
  SELECT a.organization_id, $2::uuid, a.id, 'quota_near', $4::timestamptz
  FROM dingtalk_app a JOIN call_month m ON m.organization_id = a.organization_id AND m.app_id = a.id AND m.month = $5::text
  WHERE a.organization_id = $1::uuid AND a.id = $3::uuid AND NOT EXISTS (
    SELECT FROM app_notice n WHERE n.organization_id = a.organization_id AND n.app_id = a.id
      AND n.state = 'quota_near' AND n.ended_at IS NULL)
  GROUP BY a.organization_id, a.id HAVING sum(m.charged) >= a.calls_per_month * $6::numeric
  RETURNING 1`;

const BEGIN_USED_UP = `
  INSERT INTO app_notice (organization_id, id, app_id, state, since)
  VALUES ($1::uuid, $2::uuid, $3::uuid, 'quota_used_up', $4::timestamptz)`;

const END = `
  UPDATE app_notice SET ended_at = $2::timestamptz
  WHERE organization_id = $1::uuid AND state = ANY ($4::text[]) AND ended_at IS NULL
    AND since < $2::timestamptz AND ($3::uuid IS NULL OR app_id = $3::uuid)`;

const STATES = ["quota_near", "quota_used_up"];

type Near = { readonly month: string; readonly at: Date; readonly share: number };

/** Creates a notice and an event for webhooks once the app has used the share of its quota. */
export async function recordQuotaNear(work: Work, app: AppRef, { month, at, share }: Near): Promise<void> {
  const { organizationId, appId } = app;
  const begun = await runSql(work, BEGIN_NEAR, [organizationId, newId(), appId, at, month, share]);
  if (begun.length > 0) await recordEvent(work, app, { type: "quota.near", at, data: { month, share } });
}

/** Creates a notice and an event that DingTalk reported an app's quota as used up. The caller does this once a month. */
export async function recordQuotaUsedUp(
  work: Work,
  app: AppRef,
  { month, at }: Pick<Near, "month" | "at">,
): Promise<void> {
  await runSql(work, BEGIN_USED_UP, [app.organizationId, newId(), app.appId, at]);
  await recordEvent(work, app, { type: "quota.used_up", at, data: { month } });
}

export const endQuotaNotices = (work: Work, { organizationId, appId }: AppRef, at: Date) =>
  runSql(work, END, [organizationId, at, appId, STATES]);

export const endQuotaUsedUp = (work: Work, { organizationId, appId }: AppRef, at: Date) =>
  runSql(work, END, [organizationId, at, appId, ["quota_used_up"]]);

export const endQuotaNoticesBefore = (organizationId: string, monthStart: Date): Promise<unknown> =>
  inOrganizationSql({ organizationId }, (client) =>
    runSql(client, END, [organizationId, monthStart, null, STATES]),
  );
