import "server-only";
import type { ClientBase } from "pg";
import { LIMITS } from "@/lib/db/time-limits";
import { inOrganizationSql } from "@/lib/db/unit-of-work";

const KEPT_MS = 30 * 24 * 60 * 60_000;
const BATCH_ROWS = 1_000;

/** Returns the smallest UUIDv7 of a time: ids sort by the time at which they were made. */
const firstIdAt = (ms: number): string => {
  const time = Math.max(0, ms).toString(16).padStart(12, "0");
  return `${time.slice(0, 8)}-${time.slice(8)}-7000-8000-000000000000`;
};

const EVENTS = `
  DELETE FROM webhook_event WHERE organization_id = $1 AND id IN (
    SELECT id FROM webhook_event WHERE organization_id = $1 AND id < $2 ORDER BY id LIMIT $3)
  RETURNING sequence::float8 AS sequence`;

const SET_PRUNED = "UPDATE webhook_sequence SET pruned = $2 WHERE organization_id = $1 AND pruned < $2";

const DELIVERIES = `
  DELETE FROM webhook_delivery d USING (
    SELECT o.endpoint_id, o.sequence, o.number FROM webhook_delivery o
    LEFT JOIN webhook_endpoint p ON p.organization_id = $1 AND p.id = o.endpoint_id
    JOIN webhook_sequence s ON s.organization_id = $1
    WHERE o.organization_id = $1 AND (o.sequence <= s.pruned OR p.id IS NULL) LIMIT $2) old
  WHERE d.organization_id = $1 AND d.endpoint_id = old.endpoint_id AND d.sequence = old.sequence AND d.number = old.number`;

const ATTEMPTS = `
  DELETE FROM webhook_attempt WHERE organization_id = $1 AND id IN (
    SELECT a.id FROM webhook_attempt a
    LEFT JOIN webhook_endpoint p ON p.organization_id = $1 AND p.id = a.endpoint_id
    WHERE a.organization_id = $1 AND (a.id < $2 OR p.id IS NULL) LIMIT $3)`;

async function pruneEvents(client: ClientBase, organizationId: string, before: string): Promise<number> {
  const { rows } = await client.query<{ sequence: number | null }>(EVENTS, [
    organizationId,
    before,
    BATCH_ROWS,
  ]);
  const sequences = rows.flatMap(({ sequence }) => sequence ?? []);
  if (sequences.length > 0) await client.query(SET_PRUNED, [organizationId, Math.max(...sequences)]);
  return rows.length;
}

/** Deletes events, deliveries and attempts that are older than 30 days, and those of deleted endpoints. */
export async function pruneWebhooks(organizationId: string, nowMs = Date.now()): Promise<void> {
  const before = firstIdAt(nowMs - KEPT_MS);
  const untilFewer = async (work: (client: ClientBase) => Promise<number>) => {
    for (let count = BATCH_ROWS; count >= BATCH_ROWS; ) {
      count = await inOrganizationSql({ organizationId }, work, LIMITS.bulk);
    }
  };
  const countOf = async (client: ClientBase, text: string, values: unknown[]) =>
    (await client.query(text, values)).rowCount ?? 0;
  await untilFewer((client) => pruneEvents(client, organizationId, before));
  await untilFewer((client) => countOf(client, DELIVERIES, [organizationId, BATCH_ROWS]));
  await untilFewer((client) => countOf(client, ATTEMPTS, [organizationId, before, BATCH_ROWS]));
}
