import "server-only";
import { inOrganizationSql, readTogether } from "@/lib/db/unit-of-work";

const LEFT = `
  SELECT EXISTS (SELECT FROM organization WHERE organization_id = $1)
    OR EXISTS (SELECT FROM directory WHERE organization_id = $1) AS "isLeft"`;

/** Lets go of the id of an organization that is deleted, once its directories are erased: it is by the id that they are found. */
export async function forgetOrganization(organizationId: string): Promise<void> {
  const [answer] = await readTogether<{ isLeft: boolean }>({ organizationId }, LEFT, [organizationId]);
  if (answer?.isLeft) return;
  await inOrganizationSql({ organizationId }, (client) =>
    client.query("DELETE FROM organization_ids WHERE id = $1", [organizationId]),
  );
}
