import "server-only";
import type { Actor } from "@/lib/auth/actor";
import { inOrganizationSql, LIMITS } from "@/lib/db/unit-of-work";

/**
 * Sets whether personal values are stored (S33). Switching it off erases all stored ones. The switch commits first, so
 * that a concurrent sync stores nothing. `pruneDirectories` erases what a crash leaves.
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
