import "server-only";
import type { Actor } from "@/lib/auth/actor";
import { inOrganizationSql, LIMITS } from "@/lib/db/unit-of-work";

/**
 * Sets whether personal values of members are kept (S33). Switched off, all of them are erased at once from the rows of
 * the present; changes and plans never held more than an id, which then opens nothing.
 *
 * The switch commits first: a sync that writes meanwhile sees it before its own commit, and keeps nothing. Should the
 * process end before the values are erased, `pruneDirectories` erases them.
 */
export async function setKeepsPersonal(
  actor: Actor<"organization.setPersonal">,
  keepsPersonal: boolean,
): Promise<void> {
  const { organizationId } = actor;
  await inOrganizationSql(
    actor,
    async (client) => {
      await client.query(`UPDATE organization SET keeps_personal = $2 WHERE organization_id = $1`, [
        organizationId,
        keepsPersonal,
      ]);
    },
    LIMITS.directory,
  );
  if (keepsPersonal) return;
  await inOrganizationSql(
    actor,
    async (client) => {
      await client.query(`DELETE FROM member_personal WHERE organization_id = $1`, [organizationId]);
      await client.query(
        `UPDATE member SET personal_id = NULL WHERE organization_id = $1 AND personal_id IS NOT NULL`,
        [organizationId],
      );
    },
    LIMITS.directory,
  );
}
