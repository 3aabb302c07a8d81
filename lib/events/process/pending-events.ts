import "server-only";
import type { ClientBase } from "pg";
import type { AppRef } from "@/lib/app-ref";
import { inOrganizationSql } from "@/lib/db/unit-of-work";
import { topicOf } from "@/lib/dingtalk/read-event";
import type { RequestedObjects } from "@/lib/directory/reread/read-objects";

export type PendingEvent = {
  readonly id: string;
  readonly type: string;
  readonly departmentIds: readonly string[];
  readonly userIds: readonly string[];
};

/** Events of one round. Later ones wait for the next round of the same job. */
const EVENTS_MAX = 1_000;

/** Loads the oldest pending events of an app. */
export function loadPending({ organizationId, appId }: AppRef): Promise<PendingEvent[]> {
  return inOrganizationSql({ organizationId }, async (client) => {
    const { rows } = await client.query<PendingEvent>(
      `SELECT id, type, department_ids::text[] AS "departmentIds", user_ids AS "userIds" FROM dingtalk_event
       WHERE organization_id = $1 AND app_id = $2 AND state = 'pending' ORDER BY id LIMIT ${EVENTS_MAX}`,
      [organizationId, appId],
    );
    return rows;
  });
}

const REMOVALS: ReadonlySet<string> = new Set(["user_leave_org", "org_dept_remove"]);

/** Returns the distinct objects of events. An object's removal is announced if any of its events says so. */
export function objectsOf(events: readonly PendingEvent[]): RequestedObjects {
  const [departments, members] = [new Map<string, boolean>(), new Map<string, boolean>()];
  const add = (objects: Map<string, boolean>, ids: readonly string[], isRemoval: boolean) => {
    for (const id of ids) objects.set(id, isRemoval || (objects.get(id) ?? false));
  };
  for (const { type, departmentIds, userIds } of events) {
    add(departments, departmentIds, REMOVALS.has(type));
    add(members, userIds, REMOVALS.has(type));
  }
  return { departments, members };
}

/** Returns whether an event changes what the app may read, so that only a sync can follow it. */
export const concernsAll = ({ type }: PendingEvent): boolean =>
  topicOf(type) === "organization" && type !== "org_remove";

export type EventResult =
  | { readonly state: "handled"; readonly changeSetId: string | null }
  | { readonly state: "failed"; readonly error: object };

/** Records the result of events that are still pending. */
export async function recordResult(
  client: ClientBase,
  { organizationId }: Pick<AppRef, "organizationId">,
  events: readonly PendingEvent[],
  result: EventResult,
): Promise<void> {
  await client.query(
    `UPDATE dingtalk_event SET state = $3, handled_at = now(), change_set_id = $4, error = $5
     WHERE organization_id = $1 AND id = ANY($2::uuid[]) AND state = 'pending'`,
    [
      organizationId,
      events.map(({ id }) => id),
      result.state,
      "changeSetId" in result ? result.changeSetId : null,
      "error" in result ? JSON.stringify(result.error) : null,
    ],
  );
}
