import "server-only";
import type { ClientBase } from "pg";

const BATCH_ROWS = 1_000;

const ADD_COUNTER = "INSERT INTO webhook_sequence (organization_id) VALUES ($1) ON CONFLICT DO NOTHING";

const LOCK = `
  SELECT last::float8 AS last, pruned::float8 AS pruned FROM webhook_sequence WHERE organization_id = $1 FOR UPDATE`;

/** Rows of one app have the order of their causes: a change set's time is taken under the lock of its directory. */
const NUMBER = `
  UPDATE webhook_event e SET sequence = $2::bigint + u.n
  FROM (
    SELECT id, row_number() OVER (ORDER BY at, id) AS n FROM (
      SELECT id, at FROM webhook_event WHERE organization_id = $1 AND sequence IS NULL ORDER BY at, id LIMIT $3) w) u
  WHERE e.organization_id = $1 AND e.id = u.id`;

const STORE = "UPDATE webhook_sequence SET last = $2 WHERE organization_id = $1";

export type Numbered = {
  /** Every row up to this sequence is committed. */
  readonly last: number;
  /** Rows up to this sequence were deleted because of their age. */
  readonly pruned: number;
};

/**
 * Numbers the events that were committed since the last call. Readers number events instead of writers, so that no unit
 * of work waits for another one because of its event.
 */
export async function numberEvents(client: ClientBase, organizationId: string): Promise<Numbered> {
  await client.query(ADD_COUNTER, [organizationId]);
  const { rows } = await client.query<Numbered>(LOCK, [organizationId]);
  const { last: before = 0, pruned = 0 } = rows[0] ?? {};
  let last = before;
  for (let count = BATCH_ROWS; count >= BATCH_ROWS; last += count) {
    count = (await client.query(NUMBER, [organizationId, last, BATCH_ROWS])).rowCount ?? 0;
  }
  if (last > before) await client.query(STORE, [organizationId, last]);
  return { last, pruned };
}
