import "server-only";
import type { Actor } from "@/lib/auth/actor";
import { inOrganizationSql } from "@/lib/db/unit-of-work";

const MARK_SEEN = `
  INSERT INTO notice_seen (organization_id, notice_id, user_id)
  SELECT n.organization_id, n.id, $2::uuid FROM app_notice n
  WHERE n.organization_id = $1 AND ($3::uuid IS NULL OR n.id = $3)
  ON CONFLICT DO NOTHING`;

/** Marks a notice as seen by the caller only. @param noticeId `null` for all */
export async function markNoticesSeen(
  { organizationId, userId }: Actor<"app.read">,
  noticeId: string | null,
): Promise<void> {
  await inOrganizationSql({ organizationId }, (client) =>
    client.query(MARK_SEEN, [organizationId, userId, noticeId]),
  );
}
