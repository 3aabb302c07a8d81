import "server-only";
import type { ClientBase } from "pg";
import type { JsonObject } from "@/lib/dingtalk/read-json";
import type { ChangedObject, ChangeKind } from "@/lib/directory/changes/change-kinds";
import { type StoredChange, storedColumns, toPublicChange } from "@/lib/directory/changes/public-change";
import { DIRECTORY_EVENT_TYPES, type EventType } from "@/lib/webhook-log/event-types";
import { eventIdOf } from "./event-id";
import { afterRow, isAfter, type Position } from "./position";

/** An event as receivers get it. `version` changes with the meaning of a field; new fields don't change it. */
export type WebhookMessage = {
  readonly id: string;
  readonly type: EventType;
  readonly version: 1;
  readonly sequence: number;
  readonly number: number;
  readonly timestamp: Date;
  readonly appId: string;
  readonly data: JsonObject;
};

/** A department's or member's event, with the ID of its object; `null` for an event of the app. */
export type ReadEvent = { readonly message: WebhookMessage; readonly object: string | null };

export type EventFilter = {
  /** `null` for all. */
  readonly types: readonly EventType[] | null;
  readonly appIds: readonly string[] | null;
};

export type EventPage = {
  readonly events: readonly ReadEvent[];
  /** Place up to which events were read. */
  readonly end: Position;
  readonly hasMore: boolean;
};

/**
 * The lateral join reads the changes set by set, because one set may have half a million. A set whose changes are no
 * longer kept, or of no chosen type, yields one row without a change.
 */
const PAGE = `
  SELECT e.sequence::float8 AS sequence, e.at, e.type, e.app_id AS "appId", e.set_id AS "setId", e.data,
    s.revision, s.cause, c.*
  FROM (
    SELECT sequence, at, type, app_id, set_id, data FROM webhook_event
    WHERE organization_id = $1 AND sequence >= $2 AND ($5::text[] IS NULL OR type = ANY ($5::text[]))
      AND ($6::uuid[] IS NULL OR app_id = ANY ($6::uuid[]))
    ORDER BY sequence LIMIT $4) e
  LEFT JOIN change_set s ON s.organization_id = $1 AND s.id = e.set_id
  LEFT JOIN LATERAL (
    SELECT ${storedColumns("d")} FROM directory_change d
    WHERE d.organization_id = $1 AND d.set_id = e.set_id AND d.outcome IS NULL
      AND ($5::text[] IS NULL OR d.object::text || '.' || d.kind = ANY ($5::text[]))
      AND d.number > CASE WHEN e.sequence = $2 THEN $3::int ELSE 0 END
    ORDER BY d.number LIMIT $4) c ON true
  WHERE e.sequence > $2 OR e.set_id IS NOT NULL
  ORDER BY e.sequence, c.number LIMIT $4`;

const BY_POSITION = `
  SELECT e.sequence::float8 AS sequence, e.at, e.type, e.app_id AS "appId", e.set_id AS "setId", e.data,
    s.revision, s.cause, ${storedColumns("d")}
  FROM unnest($2::bigint[], $3::int[]) AS p (sequence, number)
  JOIN webhook_event e ON e.organization_id = $1 AND e.sequence = p.sequence
  LEFT JOIN change_set s ON s.organization_id = $1 AND s.id = e.set_id
  LEFT JOIN directory_change d ON d.organization_id = $1 AND d.set_id = e.set_id AND d.number = p.number`;

type Row = {
  readonly sequence: number;
  readonly at: Date;
  readonly type: string;
  readonly appId: string;
  readonly setId: string | null;
  readonly data: JsonObject | null;
  readonly revision: number | null;
  readonly cause: string | null;
} & { readonly [Key in keyof StoredChange]: StoredChange[Key] | null };

const positionOf = ({ sequence, setId, number }: Row): Position => {
  if (setId === null) return { sequence, number: 0 };
  return number === null ? afterRow(sequence) : { sequence, number };
};

const isChange = (row: Row): row is Row & StoredChange => row.number !== null && row.objectId !== null;

function changeData(row: Row & StoredChange): JsonObject {
  const { objectId, reason, before, after, isPersonalChanged } = toPublicChange(row);
  const { revision, setId, cause } = row;
  return { revision, setId, cause, id: objectId, reason, before, after, isPersonalChanged };
}

const typeOfChange = (object: ChangedObject, kind: ChangeKind): EventType =>
  `${object}.${kind as Exclude<ChangeKind, "erased">}`;

function toEvent(organizationId: string, row: Row): ReadEvent | null {
  const { at: timestamp, appId } = row;
  const position = positionOf(row);
  const common = {
    id: eventIdOf(organizationId, position),
    version: 1,
    ...position,
    timestamp,
    appId,
  } as const;
  if (isChange(row)) {
    const type = typeOfChange(row.object, row.kind);
    return {
      message: { ...common, type, data: changeData(row) },
      object: `${row.object}/${row.objectId}`,
    };
  }
  if (row.setId !== null) return null;
  return { message: { ...common, type: row.type as EventType, data: row.data ?? {} }, object: null };
}

const isDirectoryType = (type: EventType) => (DIRECTORY_EVENT_TYPES as readonly EventType[]).includes(type);

/** Returns a page of the events after a place, in order. Call `numberEvents` first, to see the latest ones. */
export async function readEvents(
  client: ClientBase,
  organizationId: string,
  { after, limit, types, appIds }: EventFilter & { readonly after: Position; readonly limit: number },
): Promise<EventPage> {
  const rowTypes = types && (types.some(isDirectoryType) ? [...types, "directory"] : types);
  const { rows } = await client.query<Row>(PAGE, [
    organizationId,
    after.sequence,
    after.number,
    limit + 1,
    rowTypes,
    appIds,
  ]);
  const page = rows.filter((row) => isAfter(positionOf(row), after)).slice(0, limit);
  const last = page.at(-1);
  return {
    events: page.flatMap((row) => toEvent(organizationId, row) ?? []),
    end: last ? positionOf(last) : after,
    hasMore: rows.length > limit,
  };
}

/** Returns the events of some places, without those that are no longer kept. */
export async function readMessages(
  client: ClientBase,
  organizationId: string,
  positions: readonly Position[],
): Promise<WebhookMessage[]> {
  if (positions.length === 0) return [];
  const { rows } = await client.query<Row>(BY_POSITION, [
    organizationId,
    positions.map(({ sequence }) => sequence),
    positions.map(({ number }) => number),
  ]);
  return rows.flatMap((row) => toEvent(organizationId, row)?.message ?? []);
}
