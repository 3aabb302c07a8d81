import "server-only";
import { inOrganizationSql } from "@/lib/db/unit-of-work";

const LEFT = `
  SELECT EXISTS (SELECT FROM organization WHERE organization_id = $1)
    OR EXISTS (SELECT FROM directory WHERE organization_id = $1) AS "isLeft"`;

/** Lets go of the id of an organization that is deleted, once its directories are erased: it is by the id that they are found. */
export async function forgetOrganization(organizationId: string): Promise<void> {
  await inOrganizationSql({ organizationId }, async (client) => {
    const { rows } = await client.query<{ isLeft: boolean }>(LEFT, [organizationId]);
    if (rows[0]?.isLeft) return;
    await client.query("DELETE FROM organization_ids WHERE id = $1", [organizationId]);
  });
}
