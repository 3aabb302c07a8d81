import "server-only";
import type { Actor } from "@/lib/auth/actor";
import { inOrganizationSql } from "@/lib/db/unit-of-work";

const SEE = `
  INSERT INTO notice_seen (organization_id, notice_id, user_id)
  SELECT n.organization_id, n.id, $2::uuid FROM app_notice n
  WHERE n.organization_id = $1 AND ($3::uuid IS NULL OR n.id = $3)
  ON CONFLICT DO NOTHING`;

/**
 * The caller has seen a notice, or all that there are: they aren't told of it again. The others are. One that isn't
 * there, or isn't theirs, is nothing to see.
 *
 * @param noticeId `null` for all
 */
export async function seeNotices(
  { organizationId, userId }: Actor<"app.read">,
  noticeId: string | null,
): Promise<void> {
  await inOrganizationSql({ organizationId }, (client) =>
    client.query(SEE, [organizationId, userId, noticeId]),
  );
}
