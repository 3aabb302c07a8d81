import "server-only";
import { inOrganizationSql, readTogether } from "@/lib/db/unit-of-work";

const HAS_ROWS = `
  SELECT EXISTS (SELECT FROM organization WHERE organization_id = $1)
    OR EXISTS (SELECT FROM directory WHERE organization_id = $1) AS "hasRows"`;

/** Deletes the id of a deleted organization after its directories are erased, because jobs find them by it. */
export async function deleteOrganizationId(organizationId: string): Promise<void> {
  const [answer] = await readTogether<{ hasRows: boolean }>({ organizationId }, HAS_ROWS, [organizationId]);
  if (answer?.hasRows) return;
  await inOrganizationSql({ organizationId }, (client) =>
    client.query("DELETE FROM organization_ids WHERE id = $1", [organizationId]),
  );
}
