import "server-only";
import type { Actor } from "@/lib/auth/actor";
import { inOrganizationSql, LIMITS } from "@/lib/db/unit-of-work";

/**
 * Sets whether personal values of members are stored (S33). Switching it off erases all stored values at once. Changes and
 * plans only hold ids of them.
 *
 * The switch commits first, so that a concurrent sync sees it before its own commit and stores nothing. If the process ends
 * before the values are erased, `pruneDirectories` erases them.
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
