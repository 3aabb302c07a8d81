import "server-only";
import type { ClientBase } from "pg";
import { v7 as newId } from "uuid";
import type { AppRef } from "@/lib/app-ref";
import type { Actor } from "@/lib/auth/actor";
import { emailOf, keyNameOf } from "@/lib/auth/actor-name";
import { preventAppDeletion } from "@/lib/db/lock-app";
import { NOTHING_CONFLICTS } from "@/lib/db/nothing-conflicts";
import { LIMITS } from "@/lib/db/time-limits";
import { inOrganization, inOrganizationSql } from "@/lib/db/unit-of-work";
import { notFound } from "@/lib/errors";
import { isUuid } from "@/lib/public-id";
import { err, ok, type Result } from "@/lib/result";
import { applyChanges } from "../apply/apply-changes";
import { chunks } from "../bulk-rows";
import { lockDirectory } from "../revision";
import { readSettings } from "../settings/directory-settings";
import { RESTORABLE, type Removed, restorableValues } from "./restorable";

/** Read and written in two statements, because a distributed PostgreSQL can't insert from a recursive query. */
const BACK = `${RESTORABLE}
  SELECT object::text, id, base, after FROM back ORDER BY object, id`;
type Back = {
  readonly object: "department" | "member";
  readonly id: string;
  readonly base: number;
  readonly after: unknown;
};

const STORE = `
  INSERT INTO directory_change (organization_id, app_id, set_id, number, object, object_id, kind, after, base_revision)
  SELECT $1, $2, $3, $4 + n, $5, id, 'restored', after, base
  FROM unnest($6::text[], $7::int[], $8::jsonb[]) WITH ORDINALITY AS back (id, base, after, n)
  ${NOTHING_CONFLICTS}`;

/**
 * Restores removed objects. They keep their history and are exempt from removal until `releaseKept`.
 * @returns the number of restored departments and members; `nothing` when none could be restored
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
      if (!(await preventAppDeletion(client, app))) throw notFound("app");
      return ok({ restored });
    },
    LIMITS.directory,
  );
}

async function storeRestore(
  client: ClientBase,
  { organizationId, appId, setId }: AppRef & { readonly setId: string },
  removed: Removed,
): Promise<number> {
  const { removedDays } = await readSettings(client, { organizationId, appId });
  const values = [organizationId, appId, ...restorableValues(removed, removedDays)];
  const { rows } = await client.query<Back>(BACK, values);
  let stored = 0;
  for (const object of ["department", "member"]) {
    for (const some of chunks(rows.filter((row) => row.object === object))) {
      await client.query(STORE, [
        organizationId,
        appId,
        setId,
        stored,
        object,
        some.map(({ id }) => id),
        some.map(({ base }) => base),
        some.map(({ after }) => JSON.stringify(after)),
      ]);
      stored += some.length;
    }
  }
  return stored;
}

export async function requireApp(
  { organizationId }: Actor<"directory.decide">,
  appId: string,
): Promise<AppRef> {
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
