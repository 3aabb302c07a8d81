import "server-only";

import type { Actor } from "@/lib/auth/actor";
import { inOrganizationSql } from "@/lib/db/unit-of-work";
import { notFound } from "@/lib/errors";
import { requireApp } from "./restore";

const KEPT_BELOW = `
  WITH RECURSIVE below AS (
    SELECT department_id FROM department
    WHERE organization_id = $1 AND app_id = $2 AND department_id = $3::bigint AND kept_at IS NOT NULL
    UNION
    SELECT d.department_id FROM below JOIN department d ON d.organization_id = $1 AND d.app_id = $2
      AND d.parent_id = below.department_id AND d.removed_at IS NULL AND $4::boolean
  )
  SELECT department_id::text AS id FROM below`;

const RELEASE_DEPARTMENTS = `
  UPDATE department SET kept_at = NULL
  WHERE organization_id = $1 AND app_id = $2 AND department_id = ANY($3::bigint[]) AND kept_at IS NOT NULL`;
const RELEASE_PEOPLE = `
  UPDATE member m SET kept_at = NULL FROM member_place p
  WHERE p.organization_id = $1 AND p.app_id = $2 AND p.department_id = ANY($3::bigint[])
    AND m.organization_id = $1 AND m.app_id = $2 AND m.user_id = p.user_id AND m.kept_at IS NOT NULL`;
const RELEASE_MEMBER = `
  UPDATE member SET kept_at = NULL
  WHERE organization_id = $1 AND app_id = $2 AND user_id = $3::text AND kept_at IS NOT NULL`;

type Kept = {
  readonly object: "department" | "member";
  readonly id: string;
  readonly withBelow: boolean;
};

/** Ends the exemption from removal. The next plan removes the object if DingTalk no longer has it. */
export async function releaseKept(
  actor: Actor<"directory.decide">,
  appId: string,
  { object, id, withBelow }: Kept,
): Promise<void> {
  const app = await requireApp(actor, appId);
  const scope = [app.organizationId, appId];
  await inOrganizationSql(actor, async (client) => {
    if (object === "member") {
      const { rowCount } = await client.query(RELEASE_MEMBER, [...scope, id]);
      if (rowCount === 0) throw notFound(object);
      return;
    }
    const { rows } = await client.query<{ id: string }>(KEPT_BELOW, [...scope, id, withBelow]);
    if (rows.length === 0) throw notFound(object);
    const ids = rows.map((row) => row.id);
    await client.query(RELEASE_DEPARTMENTS, [...scope, ids]);
    if (withBelow) await client.query(RELEASE_PEOPLE, [...scope, ids]);
  });
}
