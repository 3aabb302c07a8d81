import "server-only";
import type { Actor } from "@/lib/auth/actor";
import { inOrganizationSql, readTogether } from "@/lib/db/unit-of-work";
import { notFound } from "@/lib/errors";
import { isUuid } from "@/lib/public-id";
import { openSecret } from "@/lib/secrets/sealed-secrets";
import { eventIdOf, parseEventId } from "../events/event-id";
import { readMessages, type WebhookMessage } from "../events/read-events";
import { type AttemptOutcome, answerContext } from "./record-round";

export type ListedAttempt = {
  readonly id: string;
  /** `null` for a test event. */
  readonly eventId: string | null;
  readonly type: string;
  readonly at: Date;
  /** 1 for the first. */
  readonly attempt: number;
  readonly status: number | null;
  readonly failure: AttemptOutcome["failure"];
  readonly durationMs: number;
  /** First 4 kB of the response. */
  readonly answer: string;
};

export type AttemptsQuery = {
  readonly eventId?: string | undefined;
  readonly type?: string | undefined;
  readonly isSuccess?: boolean | undefined;
  /** ID of the last attempt of the previous page. */
  readonly before?: string | undefined;
  readonly limit: number;
};

const COLUMNS = `id, sequence::float8 AS sequence, number, type, at, attempt, status, failure, duration_ms AS "durationMs",
  sealed_answer AS "sealedAnswer"`;

const LIST = `
  SELECT ${COLUMNS} FROM webhook_attempt
  WHERE organization_id = $1 AND endpoint_id = $2 AND ($3::uuid IS NULL OR id < $3)
    AND ($4::bigint IS NULL OR (sequence = $4 AND number = $5::int)) AND ($6::text IS NULL OR type = $6)
    AND ($7::boolean IS NULL OR coalesce(status BETWEEN 200 AND 299, false) = $7)
  ORDER BY id DESC LIMIT $8`;

type Row = Omit<ListedAttempt, "eventId" | "answer"> & {
  readonly sequence: number | null;
  readonly number: number | null;
  readonly sealedAnswer: Uint8Array | null;
};

function toAttempt(organizationId: string, { sequence, number, sealedAnswer, ...row }: Row): ListedAttempt {
  const latin1 = sealedAnswer ? openSecret(answerContext(organizationId, row.id), sealedAnswer).reveal() : "";
  return {
    ...row,
    eventId: sequence === null || number === null ? null : eventIdOf(organizationId, { sequence, number }),
    answer: Buffer.from(latin1, "latin1").toString("utf8"),
  };
}

/** Lists the attempts of an endpoint, newest first. */
export async function listAttempts(
  { organizationId }: Actor<"webhook.read">,
  endpointId: string,
  { eventId, type, isSuccess, before, limit }: AttemptsQuery,
): Promise<{ readonly attempts: readonly ListedAttempt[]; readonly next: string | null }> {
  if (!isUuid(endpointId)) throw notFound("webhook");
  const position = eventId === undefined ? null : parseEventId(organizationId, eventId);
  if (eventId !== undefined && !position) return { attempts: [], next: null };
  const rows = await readTogether<Row>({ organizationId }, LIST, [
    organizationId,
    endpointId,
    before ?? null,
    position?.sequence ?? null,
    position?.number ?? null,
    type ?? null,
    isSuccess ?? null,
    limit + 1,
  ]);
  const attempts = rows.slice(0, limit).map((row) => toAttempt(organizationId, row));
  return { attempts, next: rows.length > limit ? (attempts.at(-1)?.id ?? null) : null };
}

export type AttemptDetail = ListedAttempt & {
  /** The event as it is delivered; `null` for a test event, and after its deletion. */
  readonly message: WebhookMessage | null;
  /** State of the event's delivery; `null` for a test event. */
  readonly delivery: {
    readonly state: "pending" | "delivered" | "failed";
    readonly nextAttemptAt: Date | null;
  } | null;
};

const ONE = `SELECT ${COLUMNS} FROM webhook_attempt WHERE organization_id = $1 AND endpoint_id = $2 AND id = $3`;

const DELIVERY = `
  SELECT state, next_attempt_at AS "nextAttemptAt" FROM webhook_delivery
  WHERE organization_id = $1 AND endpoint_id = $2 AND sequence = $3 AND number = $4`;

/** Returns one attempt with its event. @throws {AppError} `not_found` */
export async function getAttempt(
  { organizationId }: Actor<"webhook.read">,
  endpointId: string,
  attemptId: string,
): Promise<AttemptDetail> {
  if (!isUuid(endpointId) || !isUuid(attemptId)) throw notFound("attempt");
  return inOrganizationSql({ organizationId }, async (client) => {
    const { rows } = await client.query<Row>(ONE, [organizationId, endpointId, attemptId]);
    const [row] = rows;
    if (!row) throw notFound("attempt");
    const { sequence, number } = row;
    const attempt = toAttempt(organizationId, row);
    if (sequence === null || number === null) return { ...attempt, message: null, delivery: null };
    const [message = null] = await readMessages(client, organizationId, [{ sequence, number }]);
    const values = [organizationId, endpointId, sequence, number];
    const found = await client.query<NonNullable<AttemptDetail["delivery"]>>(DELIVERY, values);
    return { ...attempt, message, delivery: found.rows[0] ?? null };
  });
}
