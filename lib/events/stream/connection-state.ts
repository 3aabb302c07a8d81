import "server-only";
import type { ClientBase } from "pg";
import { inOrganizationSql } from "@/lib/db/unit-of-work";
import type { DingtalkError } from "@/lib/dingtalk/errors";
import { AppError } from "@/lib/errors";
import { scheduleAppJob } from "@/lib/jobs/send-job";
import type { StreamRef } from "./load-streams";

/** Times as milliseconds before now, because the clocks of this machine and the database differ. */
type Opened = { readonly processId: string; readonly aliveMsAgo: number | null };

type Previous = {
  readonly isConnected: boolean;
  readonly endedMsAgo: number | null;
  readonly processId: string | null;
};

const PREVIOUS = `
  SELECT stream_connected_at IS NOT NULL AS "isConnected", stream_process AS "processId",
    (extract(epoch FROM now() - stream_ended_at) * 1000)::float8 AS "endedMsAgo"
  FROM event_subscription WHERE organization_id = $1 AND id = $2 AND way = 'stream' FOR UPDATE`;

const SEEN =
  "SELECT (extract(epoch FROM now() - seen_at) * 1000)::float8 AS ms FROM live_process WHERE id = $1";

const OPENED = `
  UPDATE event_subscription SET stream_connected_at = now(), stream_ended_at = NULL, stream_process = $3
  WHERE organization_id = $1 AND id = $2`;

/** A longer time without a connection starts a sync, because DingTalk lists no lost events of Stream. */
const GAP_MS_MAX = 10_000;

/**
 * Records that a connection is open. Queues a sync if events may have been lost before.
 *
 * @throws {AppError} `not_found` for a subscription that needs no connection
 */
export function recordOpened(stream: StreamRef, { processId, aliveMsAgo }: Opened): Promise<void> {
  const { organizationId, appId, subscriptionId } = stream;
  return inOrganizationSql({ organizationId }, async (client) => {
    const { rows } = await client.query<Previous>(PREVIOUS, [organizationId, subscriptionId]);
    const [previous] = rows;
    if (!previous) throw new AppError("not_found", "the subscription needs no connection");
    await client.query(OPENED, [organizationId, subscriptionId, processId]);
    const gapMs = aliveMsAgo ?? (await gapBefore(client, previous, processId));
    if (gapMs > GAP_MS_MAX) {
      await scheduleAppJob("event.reconcile", { organizationId, appId }, new Date(), client);
    }
  });
}

/** Returns for how long no event could arrive, in milliseconds; `Infinity` if that is unknown. */
async function gapBefore(
  client: ClientBase,
  { isConnected, endedMsAgo, processId }: Previous,
  ownId: string,
): Promise<number> {
  if (endedMsAgo !== null) return endedMsAgo;
  // This process lives, so only the record of its connection's end is lost
  if (!isConnected || processId === null || processId === ownId) return Infinity;
  // The process died without recording the end of its connection
  const { rows } = await client.query<{ ms: number }>(SEEN, [processId]);
  return rows[0]?.ms ?? Infinity;
}

const ENDED = `
  UPDATE event_subscription SET stream_connected_at = NULL, stream_ended_at = now() - make_interval(secs => $4 / 1000.0)
  WHERE organization_id = $1 AND id = $2 AND stream_process = $3`;

/** Records the end of a connection, unless another process has opened one since. */
export function recordEnded(
  { organizationId, subscriptionId }: StreamRef,
  { processId, aliveMsAgo }: { readonly processId: string; readonly aliveMsAgo: number },
): Promise<unknown> {
  return inOrganizationSql({ organizationId }, (client) =>
    client.query(ENDED, [organizationId, subscriptionId, processId, aliveMsAgo]),
  );
}

const FAILED = `
  UPDATE event_subscription SET stream_failed_at = now(), stream_error = $3
  WHERE organization_id = $1 AND id = $2`;

/** Records a failed attempt to open a connection. */
export function recordFailed({ organizationId, subscriptionId }: StreamRef, error: DingtalkError) {
  return inOrganizationSql({ organizationId }, (client) =>
    client.query(FAILED, [organizationId, subscriptionId, JSON.stringify(error.describe())]),
  );
}
