import "server-only";
import { v7 as newId } from "uuid";
import type { AppRef } from "@/lib/app-ref";
import { runSql, type Work } from "@/lib/db/run-sql";
import type { JsonObject } from "@/lib/dingtalk/read-json";
import { sendJob } from "@/lib/jobs/send-job";
import { type AppEventType, DIRECTORY_EVENT_TYPES, type EventType } from "./event-types";

const INSERT = `
  INSERT INTO webhook_event (organization_id, id, at, type, app_id, set_id, data)
  VALUES ($1::uuid, $2::uuid, $3::timestamptz, $4::text, $5::uuid, $6::uuid, $7::jsonb)`;

// Row security makes a scan of the organization's few endpoints out of any condition.
const WANTING = `
  SELECT id FROM webhook_endpoint
  WHERE organization_id = $1::uuid AND disabled_at IS NULL AND types && $2::text[]
    AND (is_for_all_apps OR $3::uuid = ANY (app_ids))`;

export const deliveryJobKey = (organizationId: string, endpointId: string): string =>
  `${organizationId}/${endpointId}`;

type Row = {
  readonly at: Date;
  readonly type: string;
  readonly setId: string | null;
  readonly data: JsonObject | null;
};

/**
 * Adds a row without a sequence and a job for each endpoint that wants the event. Neither locks anything that another
 * unit of work waits for: jobs of one endpoint may be several, and the first one removes the others.
 */
async function insert(
  work: Work,
  { organizationId, appId }: AppRef,
  { at, type, setId, data }: Row,
  types: readonly EventType[],
): Promise<void> {
  const json = data && JSON.stringify(data);
  await runSql(work, INSERT, [organizationId, newId(), at, type, appId, setId, json]);
  const endpoints = await runSql<{ id: string }>(work, WANTING, [organizationId, types, appId]);
  for (const { id: endpointId } of endpoints) {
    const singletonKey = deliveryJobKey(organizationId, endpointId);
    const data = { organizationId, endpointId };
    await sendJob("webhook.deliver", data, { tx: work, singletonKey, group: organizationId });
  }
}

export type NewEvent = { readonly type: AppEventType; readonly at: Date; readonly data: JsonObject };

/** Records an event for webhooks, in the unit of work that causes it. */
export const recordEvent = (work: Work, app: AppRef, { type, at, data }: NewEvent): Promise<void> =>
  insert(work, app, { type, at, setId: null, data }, [type]);

/** Records an applied change set. Readers make its events. @param at the database's time, under the directory's lock */
export const recordChangeSetApplied = (work: Work, app: AppRef, setId: string, at: Date): Promise<void> =>
  insert(work, app, { type: "directory", at, setId, data: null }, DIRECTORY_EVENT_TYPES);
