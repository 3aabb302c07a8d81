import "server-only";
import type { ClientBase } from "pg";
import { v7 as newId } from "uuid";
import type { Actor } from "@/lib/auth/actor";
import { emailOf } from "@/lib/auth/email-of";
import { keyNameOf } from "@/lib/auth/key-name-of";
import { inOrganization, inOrganizationSql, LIMITS } from "@/lib/db/unit-of-work";
import { notFound } from "@/lib/errors";
import { isUuid } from "@/lib/public-id";
import { err, ok, type Result } from "@/lib/result";
import { applyChanges } from "./changes/apply-changes";
import { lockDirectory } from "./changes/directory-head";
import { holdApp } from "./hold-app";
import type { AppRef } from "./refs";

type Removed = {
  readonly object: "department" | "member";
  readonly ids: readonly string[];
  /** Of departments: with what was below them and is removed too, and with the people who were there. */
  readonly withBelow: boolean;
};

/**
 * What is to come back: a department as its row still has it, a member as the change had them that removed them. Nobody
 * who was erased.
 */
const CHANGES = `
  WITH RECURSIVE below AS (
    SELECT department_id FROM department
    WHERE organization_id = $1 AND app_id = $2 AND removed_at IS NOT NULL AND department_id = ANY($4::bigint[])
    UNION
    SELECT d.department_id FROM below JOIN department d ON d.organization_id = $1 AND d.app_id = $2
      AND d.parent_id = below.department_id AND d.removed_at IS NOT NULL AND $6::boolean
  ), removal AS (
    SELECT DISTINCT ON (c.object_id) c.object_id, c.before FROM directory_change c
    JOIN change_set s ON s.organization_id = $1 AND s.id = c.set_id AND s.revision IS NOT NULL
    WHERE c.organization_id = $1 AND c.app_id = $2 AND c.object = 'member' AND c.kind = 'removed' AND c.outcome IS NULL
    ORDER BY c.object_id, s.revision DESC
  ), back AS (
    SELECT 'department'::"DirectoryObject" AS object, d.department_id::text AS id, d.since_revision AS base,
      jsonb_build_object('parentId', d.parent_id::text, 'name', d.name, 'order', d."order"::text,
        'sourceIdentifier', d.source_identifier, 'extra', d.extra, 'details', d.details) AS after
    FROM department d JOIN below ON below.department_id = d.department_id
    WHERE d.organization_id = $1 AND d.app_id = $2
    UNION ALL
    SELECT 'member', m.user_id, m.since_revision, removal.before
    FROM member m JOIN removal ON removal.object_id = m.user_id
    WHERE m.organization_id = $1 AND m.app_id = $2 AND m.removed_at IS NOT NULL AND m.erased_at IS NULL
      AND removal.before IS NOT NULL AND (m.user_id = ANY($5::text[]) OR ($6::boolean AND EXISTS (
        SELECT FROM jsonb_array_elements(removal.before -> 'places') AS place
        JOIN below ON below.department_id = (place ->> 'departmentId')::bigint)))
  )
  INSERT INTO directory_change (organization_id, app_id, set_id, number, object, object_id, kind, after, base_revision)
  SELECT $1, $2, $3, row_number() OVER (ORDER BY object, id), object, id, 'restored', after, base FROM back`;

/**
 * Brings back what was removed, with its history: it is the same row as before, and kept by hand from now on. Later
 * plans list it as kept and don't remove it, until that mark is taken off.
 *
 * @returns how many departments and members came back; `nothing` where none could
 * @throws {AppError} `not_found`
 */
export async function restoreRemoved(
  actor: Actor<"directory.decide">,
  appId: string,
  removed: Removed,
): Promise<Result<{ readonly restored: number }, "nothing">> {
  const app = await requireApp(actor, appId);
  const madeBy = await inOrganization(
    actor,
    async (tx) => (await emailOf(tx, actor)) ?? (await keyNameOf(tx, actor)),
  );
  return inOrganizationSql(
    actor,
    async (client) => {
      const plannedRevision = await lockDirectory(client, app);
      const setId = newId();
      await client.query(
        `INSERT INTO change_set (organization_id, id, app_id, cause, made_by, planned_revision)
         VALUES ($1, $2, $3, 'restore', $4, $5)`,
        [app.organizationId, setId, appId, madeBy, plannedRevision],
      );
      const restored = await storeRestore(client, { ...app, setId }, removed);
      if (restored === 0) {
        await client.query(`DELETE FROM change_set WHERE organization_id = $1 AND id = $2`, [
          app.organizationId,
          setId,
        ]);
        return err("nothing");
      }
      await applyChanges(client, { ...app, setId });
      if (!(await holdApp(client, app))) throw notFound("app");
      return ok({ restored });
    },
    LIMITS.directory,
  );
}

async function storeRestore(
  client: ClientBase,
  { organizationId, appId, setId }: AppRef & { readonly setId: string },
  { object, ids, withBelow }: Removed,
): Promise<number> {
  const isDepartment = object === "department";
  const { rowCount } = await client.query(CHANGES, [
    organizationId,
    appId,
    setId,
    isDepartment ? ids : [],
    isDepartment ? [] : ids,
    isDepartment && withBelow,
  ]);
  return rowCount ?? 0;
}

const KEPT = {
  department: `UPDATE department SET kept_at = NULL
    WHERE organization_id = $1 AND app_id = $2 AND department_id = $3::bigint AND kept_at IS NOT NULL`,
  member: `UPDATE member SET kept_at = NULL
    WHERE organization_id = $1 AND app_id = $2 AND user_id = $3::text AND kept_at IS NOT NULL`,
};

/**
 * Takes off the mark that something is kept by hand: the next plan removes it, if it is still gone.
 *
 * @throws {AppError} `not_found` for what is not marked
 */
export async function releaseKept(
  actor: Actor<"directory.decide">,
  appId: string,
  { object, id }: { readonly object: "department" | "member"; readonly id: string },
): Promise<void> {
  const app = await requireApp(actor, appId);
  await inOrganizationSql(actor, async (client) => {
    const { rowCount } = await client.query(KEPT[object], [app.organizationId, appId, id]);
    if (rowCount === 0) throw notFound(object);
  });
}

async function requireApp({ organizationId }: Actor<"directory.decide">, appId: string): Promise<AppRef> {
  if (!isUuid(appId)) throw notFound("app");
  await inOrganizationSql({ organizationId }, async (client) => {
    const { rowCount } = await client.query(
      `SELECT FROM dingtalk_app WHERE organization_id = $1 AND id = $2`,
      [organizationId, appId],
    );
    if (rowCount === 0) throw notFound("app");
  });
  return { organizationId, appId };
}
