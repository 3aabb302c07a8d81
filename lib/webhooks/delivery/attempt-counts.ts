import "server-only";
import type { Actor } from "@/lib/auth/actor";
import { readTogether } from "@/lib/db/unit-of-work";
import { notFound } from "@/lib/errors";
import { firstIdAt, isUuid } from "@/lib/public-id";

export type HourOfAttempts = {
  /** Start of the hour. */
  readonly hour: Date;
  readonly delivered: number;
  readonly failed: number;
};

const DELIVERED = "coalesce(a.status BETWEEN 200 AND 299, false)";

const COUNTS = `count(*) FILTER (WHERE ${DELIVERED})::int AS delivered, count(*) FILTER (WHERE NOT ${DELIVERED})::int AS failed`;

/** Test events are not counted. */
const SINCE = "a.organization_id = $1 AND a.id >= $2 AND a.sequence IS NOT NULL";

const BY_HOUR = `
  SELECT date_bin('1 hour', a.at, 'epoch'::timestamptz) AS hour, ${COUNTS} FROM webhook_attempt a
  WHERE ${SINCE} AND a.endpoint_id = $3 GROUP BY 1 ORDER BY 1`;

/** Counts an endpoint's attempts by hour. Hours without attempts are left out. @throws {AppError} `not_found` for a malformed ID */
export async function countByHour(
  { organizationId }: Actor<"webhook.read">,
  endpointId: string,
  since: Date,
): Promise<HourOfAttempts[]> {
  if (!isUuid(endpointId)) throw notFound("webhook");
  return readTogether<HourOfAttempts>({ organizationId }, BY_HOUR, [
    organizationId,
    firstIdAt(since.getTime()),
    endpointId,
  ]);
}

export type AttemptCounts = {
  readonly delivered: number;
  readonly failed: number;
  readonly lastFailedAt: Date | null;
};

const BY_ENDPOINT = `
  SELECT a.endpoint_id AS "endpointId", ${COUNTS}, max(a.at) FILTER (WHERE NOT ${DELIVERED}) AS "lastFailedAt"
  FROM webhook_endpoint p JOIN webhook_attempt a ON a.organization_id = p.organization_id AND a.endpoint_id = p.id
  WHERE p.organization_id = $1 AND ${SINCE} GROUP BY 1`;

/** Counts the attempts of each endpoint. Endpoints without attempts are left out. */
export async function countByEndpoint(
  { organizationId }: Actor<"webhook.read">,
  since: Date,
): Promise<ReadonlyMap<string, AttemptCounts>> {
  const rows = await readTogether<AttemptCounts & { readonly endpointId: string }>(
    { organizationId },
    BY_ENDPOINT,
    [organizationId, firstIdAt(since.getTime())],
  );
  return new Map(rows.map(({ endpointId, ...counts }) => [endpointId, counts]));
}
