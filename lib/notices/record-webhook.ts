import "server-only";
import { v7 as newId } from "uuid";
import { runSql, type Work } from "@/lib/db/run-sql";

type WebhookRef = { readonly organizationId: string; readonly webhookId: string };

const BEGIN = `
  INSERT INTO app_notice (organization_id, id, webhook_id, state, since)
  VALUES ($1::uuid, $2::uuid, $3::uuid, $4::text, $5::timestamptz)`;

const END = `
  UPDATE app_notice SET ended_at = $3::timestamptz
  WHERE organization_id = $1::uuid AND webhook_id = $2::uuid AND ended_at IS NULL`;

/** Creates the notice of a webhook that Dingkeep has disabled. */
export const recordDisabledWebhook = (
  work: Work,
  { organizationId, webhookId }: WebhookRef,
  reason: "gone" | "failing",
  at: Date,
) => runSql(work, BEGIN, [organizationId, newId(), webhookId, `webhook_${reason}`, at]);

export const endDisabledWebhook = (work: Work, { organizationId, webhookId }: WebhookRef, at: Date) =>
  runSql(work, END, [organizationId, webhookId, at]);
