import { randomUUID } from "node:crypto";
import type { ClientBase } from "pg";
import { NOTHING_CONFLICTS } from "@/lib/db/nothing-conflicts";
import type { MemberState } from "../../changes/stored-states";

/** A member change in a test's notation. */
export type StoredForTest = {
  readonly objectId: string;
  readonly kind: string;
  readonly before?: MemberState | null;
  readonly after?: MemberState | null;
  readonly outcome?: string;
};

type Ref = { readonly organizationId: string; readonly appId: string };

/** Returns a member without a department. */
export const memberState = (name: string, personalId: string | null = null): MemberState => ({
  name,
  unionId: null,
  title: null,
  jobNumber: null,
  isActive: true,
  isAdmin: null,
  isBoss: null,
  isExclusive: null,
  hidesMobile: null,
  otherFields: [],
  personalId,
  places: [],
});

/** Stores a pending set, planned at the current revision. @returns its id */
export async function storeSet(
  client: ClientBase,
  { organizationId, appId }: Ref,
  changes: readonly StoredForTest[],
): Promise<string> {
  const setId = randomUUID();
  await client.query(
    `INSERT INTO change_set (organization_id, id, app_id, cause, planned_revision)
     SELECT $1, $2, $3, 'run', coalesce((SELECT revision FROM directory WHERE organization_id = $1 AND app_id = $3), 0)
     ${NOTHING_CONFLICTS}`,
    [organizationId, setId, appId],
  );
  for (const [index, { objectId, kind, before = null, after = null, outcome = null }] of changes.entries()) {
    await client.query(
      `INSERT INTO directory_change (organization_id, set_id, number, app_id, object, object_id, kind, before, after, outcome)
       VALUES ($1, $2, $3, $4, 'member', $5, $6, $7, $8, $9)`,
      [organizationId, setId, index + 1, appId, objectId, kind, before, after, outcome],
    );
  }
  return setId;
}

/** Stores a held run with these changes. @returns its id */
export async function storeHeldRun(
  client: ClientBase,
  { organizationId, appId }: Ref,
  changes: readonly StoredForTest[],
): Promise<string> {
  const runId = await storeSet(client, { organizationId, appId }, changes);
  await client.query(
    `INSERT INTO sync_run (organization_id, id, app_id, number, state, trigger, held_for, held_until)
     SELECT $1, $2, $3, coalesce(max(number), 0) + 1, 'held', 'manual', $4, now() + interval '7 days'
     FROM sync_run WHERE organization_id = $1 AND app_id = $3
     ${NOTHING_CONFLICTS}`,
    [
      organizationId,
      runId,
      appId,
      JSON.stringify([{ kind: "members_above", removals: 2, of: 3, removable: 1, percentRemovable: 10 }]),
    ],
  );
  return runId;
}
