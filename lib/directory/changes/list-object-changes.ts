import "server-only";
import type { Actor } from "@/lib/auth/actor";
import { inDirectory } from "../reader/directory-reader";
import { type StoredChange, toShown } from "./list-changes";
import { loadPaths } from "./load-paths";
import type { ShownChange } from "./schema";

const CHANGES_MAX = 50;

type Objects = { readonly departmentIds: readonly string[]; readonly userIds: readonly string[] };

/** Returns the changes of some objects in a change set, at most 50. @throws {AppError} `not_found` */
export function listObjectChanges(
  actor: Actor<"directory.read">,
  { appId, setId }: { readonly appId: string; readonly setId: string },
  { departmentIds, userIds }: Objects,
): Promise<ShownChange[]> {
  return inDirectory(actor, appId, async (reader) => {
    const { client, scope } = reader;
    const { rows } = await client.query<StoredChange>(
      `SELECT number, object::text AS object, object_id AS id, kind, reason, outcome, before, after FROM directory_change c
       WHERE c.organization_id = $1 AND c.app_id = $2 AND c.set_id = $3
         AND ((c.object = 'department' AND c.object_id = ANY($4::text[]))
           OR (c.object = 'member' AND c.object_id = ANY($5::text[])))
       ORDER BY c.number LIMIT ${CHANGES_MAX}`,
      [...scope, setId, departmentIds, userIds],
    );
    return toShown(reader, rows, (side, ids) => loadPaths(reader, { setId, side }, ids));
  });
}
