import "server-only";
import type { Actor } from "@/lib/auth/actor";
import { readTogether } from "@/lib/db/unit-of-work";

export type NoticeState =
  | "degraded"
  | "broken"
  | "quota_near"
  | "quota_used_up"
  | "held"
  | "webhook_gone"
  | "webhook_failing";

/** Subject of a notice: an app, or a webhook that was disabled. */
type Subject =
  | { readonly appId: string; readonly appName: string; readonly webhookId: null }
  | { readonly appId: null; readonly appName: null; readonly webhookId: string };

/** A notice for one user. The notice of a held run has the run's ID. */
export type ListedNotice = Subject & {
  readonly id: string;
  readonly state: NoticeState;
  readonly since: Date;
  /** `null` while the notice is current. */
  readonly endedAt: Date | null;
  readonly reason: unknown;
  readonly isSeen: boolean;
};

const SHOWN_MAX = 20;

const LIST = `
  SELECT n.id, n.app_id AS "appId", a.name AS "appName", n.webhook_id AS "webhookId", n.state, n.since, n.ended_at AS "endedAt", n.reason,
    s.user_id IS NOT NULL AS "isSeen"
  FROM app_notice n
    LEFT JOIN dingtalk_app a ON a.organization_id = n.organization_id AND a.id = n.app_id
    LEFT JOIN notice_seen s ON s.organization_id = n.organization_id AND s.notice_id = n.id AND s.user_id = $2
  WHERE n.organization_id = $1
  ORDER BY n.ended_at IS NOT NULL, n.since DESC, n.id DESC LIMIT $3`;

/** Lists at most 20 notices of the organization: current ones first, then ended ones, each newest first. */
export function listNotices({ organizationId, userId }: Actor<"app.read">): Promise<ListedNotice[]> {
  return readTogether<ListedNotice>({ organizationId }, LIST, [organizationId, userId, SHOWN_MAX]);
}

const STAMP = `
  SELECT md5(coalesce(string_agg(concat_ws(' ', n.id, n.ended_at, s.user_id), ';' ORDER BY n.id), '')) AS stamp
  FROM app_notice n
    LEFT JOIN notice_seen s ON s.organization_id = n.organization_id AND s.notice_id = n.id AND s.user_id = $2
  WHERE n.organization_id = $1`;

/** Returns a text that changes whenever the result of `listNotices` for this user may have changed. */
export async function stampNotices({ organizationId, userId }: Actor<"app.read">): Promise<string> {
  const [row] = await readTogether<{ stamp: string }>({ organizationId }, STAMP, [organizationId, userId]);
  return row?.stamp ?? "";
}
