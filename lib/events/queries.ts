import "server-only";
import type { ClientBase } from "pg";
import type { Actor } from "@/lib/auth/actor";
import { may } from "@/lib/auth/actor";
import { isStatementCanceled } from "@/lib/db/errors";
import { withTimeBudget } from "@/lib/db/time-limits";
import { inOrganizationSql } from "@/lib/db/unit-of-work";
import { isJsonObject, parseJson } from "@/lib/dingtalk/read-json";
import { type Fault, toFault } from "@/lib/dingtalk-apps/schema";
import { listObjectChanges } from "@/lib/directory/changes/list-object-changes";
import type { ShownChange } from "@/lib/directory/changes/schema";
import { notFound } from "@/lib/errors";
import { type TwoWayPage, toTwoWayPage } from "@/lib/pagination/two-way-page";
import { isUuid } from "@/lib/public-id";
import { err, ok, type Result } from "@/lib/result";
import { openSecret } from "@/lib/secrets/sealed-secrets";
import type { EventState } from "./event-states";
import { storablePayload } from "./receive/storable-payload";
import { type EventSource, payloadContext } from "./receive/store-events";
import type { EventsQuery } from "./schema";

export type ListedEvent = {
  readonly id: string;
  readonly type: string;
  readonly source: EventSource;
  readonly receivedAt: Date;
  readonly bornAt: Date | null;
  readonly isLate: boolean;
  readonly departmentIds: readonly string[];
  readonly userIds: readonly string[];
  readonly state: EventState;
  readonly handledAt: Date | null;
  readonly changeSetId: string | null;
};

export type EventPage = TwoWayPage<string> & { readonly events: readonly ListedEvent[] };

const PAGE_SIZE = 50;
/** Time limit of a search (S26). */
const SEARCH_MS = 2_000;

const COLUMNS = `id, type, source, received_at AS "receivedAt", born_at AS "bornAt", is_late AS "isLate",
  department_ids::text[] AS "departmentIds", user_ids AS "userIds", state, handled_at AS "handledAt",
  change_set_id AS "changeSetId"`;

/** Events of a suite that belong to none of its apps, such as suite tickets, are shown with each app. */
const SUBSCRIPTION = `
  SELECT a.id AS "appId", s.id AS "subscriptionId" FROM dingtalk_app a
  LEFT JOIN event_subscription s ON s.organization_id = $1 AND (s.app_id = a.id OR (a.kind = 'isv' AND s.suite_key = a.app_key))
  WHERE a.organization_id = $1 AND a.id = $2`;

type OwnEvents = {
  readonly organizationId: string;
  readonly appId: string;
  readonly subscriptionId: string | null;
};

async function findOwn(client: ClientBase, organizationId: string, appId: string): Promise<OwnEvents> {
  if (!isUuid(appId)) throw notFound("app");
  const { rows } = await client.query<Omit<OwnEvents, "organizationId">>(SUBSCRIPTION, [
    organizationId,
    appId,
  ]);
  if (!rows[0]) throw notFound("app");
  return { organizationId, ...rows[0] };
}

async function find(client: ClientBase, own: OwnEvents, query: EventsQuery): Promise<ListedEvent[]> {
  const { type, state, before, after } = query;
  const values: unknown[] = [own.organizationId, own.appId, own.subscriptionId];
  const conditions = [""];
  const add = (value: unknown, condition: (place: string) => string) => {
    if (value === undefined) return;
    values.push(value);
    conditions.push(condition(`$${values.length}`));
  };
  add(type, (place) => `type = ${place}`);
  add(state, (place) => `state = ${place}`);
  add(after ?? before, (place) => `id ${after === undefined ? "<" : ">"} ${place}`);
  const where = conditions.join(" AND ");
  const page = `ORDER BY id ${after === undefined ? "DESC" : "ASC"} LIMIT ${PAGE_SIZE + 1}`;
  const select = (owner: string) =>
    `(SELECT * FROM dingtalk_event WHERE organization_id = $1 AND ${owner}${where} ${page})`;
  const { rows } = await client.query<ListedEvent>(
    `SELECT ${COLUMNS} FROM (${select("app_id = $2")}
       UNION ALL ${select("app_id IS NULL AND subscription_id = $3")}) event ${page}`,
    values,
  );
  return rows;
}

/** Lists an app's events of the last 30 days that match the query, newest first, 50 per page. */
export async function listEvents(
  { organizationId }: Actor<"directory.read">,
  appId: string,
  query: EventsQuery = {},
  timeoutMs = SEARCH_MS,
): Promise<Result<EventPage, "too_slow">> {
  try {
    const rows = await inOrganizationSql({ organizationId }, async (client) =>
      find(withTimeBudget(client, timeoutMs), await findOwn(client, organizationId, appId), query),
    );
    const { rows: events, ...neighbors } = toTwoWayPage(rows, ({ id }) => id, { ...query, size: PAGE_SIZE });
    return ok({ events, ...neighbors });
  } catch (error) {
    if (isStatementCanceled(error)) return err("too_slow");
    throw error;
  }
}

export type EventDetail = ListedEvent & {
  /** Formatted JSON without secrets; `null` after the erasure of its personal values. */
  readonly payload: string | null;
  readonly fault: Fault | null;
  /** Changes of the event's own objects that its re-read found. */
  readonly changes: readonly ShownChange[];
};

const ONE = `
  SELECT ${COLUMNS}, sealed_payload AS "sealedPayload", error FROM dingtalk_event
  WHERE organization_id = $1 AND id = $4 AND (app_id = $2 OR (app_id IS NULL AND subscription_id = $3))`;

/** Returns one event of an app. Personal values need the permission to read them. @throws {AppError} `not_found` */
export async function getEvent(
  actor: Actor<"directory.read">,
  appId: string,
  eventId: string,
): Promise<EventDetail> {
  const { organizationId } = actor;
  if (!isUuid(eventId)) throw notFound("event");
  const row = await inOrganizationSql({ organizationId }, async (client) => {
    const own = await findOwn(client, organizationId, appId);
    const { rows } = await client.query<ListedEvent & { sealedPayload: Uint8Array | null; error: unknown }>(
      ONE,
      [organizationId, appId, own.subscriptionId, eventId],
    );
    if (!rows[0]) throw notFound("event");
    return rows[0];
  });
  const { sealedPayload, error, ...event } = row;
  const text = sealedPayload && openSecret(payloadContext(organizationId, eventId), sealedPayload).reveal();
  const changes =
    event.changeSetId === null
      ? []
      : await listObjectChanges(actor, { appId, setId: event.changeSetId }, event);
  return {
    ...event,
    payload: text && formatPayload(text, may(actor, "directory.readPersonal")),
    fault: toFault(error),
    changes,
  };
}

function formatPayload(text: string, showsPersonal: boolean): string {
  const parsed = parseJson(text);
  if (!parsed.ok || !isJsonObject(parsed.value)) return text;
  const shown = showsPersonal ? text : storablePayload(parsed.value, false).text;
  return JSON.stringify(JSON.parse(shown), null, 2);
}
