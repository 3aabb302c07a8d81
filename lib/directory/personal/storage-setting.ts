import "server-only";
import type { ClientBase } from "pg";
import type { AppRef } from "@/lib/app-ref";
import type { Actor } from "@/lib/auth/actor";
import { LIMITS } from "@/lib/db/time-limits";
import { inOrganizationSql } from "@/lib/db/unit-of-work";

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
      await erasePersonalEvents(client, organizationId);
    },
    LIMITS.directory,
  );
}

/** Erases the payloads of stored events that contain personal values. Type and ids of the events stay. */
export async function erasePersonalEvents(client: ClientBase, organizationId: string): Promise<void> {
  await client.query(
    `UPDATE dingtalk_event SET sealed_payload = NULL, has_personal = false
     WHERE organization_id = $1 AND has_personal`,
    [organizationId],
  );
}

const KEEPS = `SELECT keeps_personal AS keeps FROM organization WHERE organization_id = $1`;

/**
 * Returns whether personal values are stored, and locks that setting until the transaction ends. The lock blocks all
 * changes of the organization, so it must be a transaction's last step.
 */
export async function lockKeepsPersonal(
  client: ClientBase,
  { organizationId }: Pick<AppRef, "organizationId">,
): Promise<boolean> {
  const { rows } = await client.query<{ keeps: boolean }>(`${KEEPS} FOR SHARE`, [organizationId]);
  return rows[0]?.keeps ?? false;
}

/** Returns whether the organization stores personal values now. The setting may change before the transaction ends. */
export async function keepsPersonal(
  client: ClientBase,
  { organizationId }: Pick<AppRef, "organizationId">,
): Promise<boolean> {
  const { rows } = await client.query<{ keeps: boolean }>(KEEPS, [organizationId]);
  return rows[0]?.keeps ?? false;
}

/** Detaches personal values from an app's members when the organization no longer stores them. Runs before a commit. */
export async function dropUnkeptPersonal(client: ClientBase, app: AppRef): Promise<void> {
  if (await lockKeepsPersonal(client, app)) return;
  await client.query(
    `UPDATE member SET personal_id = NULL WHERE organization_id = $1 AND app_id = $2 AND personal_id IS NOT NULL`,
    [app.organizationId, app.appId],
  );
}
