import "server-only";
import type { ClientBase } from "pg";
import { v7 as newId } from "uuid";
import type { SealContext } from "@/lib/crypto/envelope";
import { recordDisabledWebhook } from "@/lib/notices/record-webhook";
import { Redacted } from "@/lib/redacted";
import { sealSecret } from "@/lib/secrets/sealed-secrets";
import type { EndpointRef } from "../endpoints/endpoint-secrets";
import type { Claim, ClaimedEndpoint } from "./claim-endpoint";
import type { DueDelivery } from "./plan-round";
import type { PostOutcome } from "./post-message";
import { isGivenUp, nextAttemptAt, pauseAfterRounds } from "./retry-policy";

/** Outcome of an attempt. `expired`: the event was deleted before the attempt, so nothing was sent. */
export type AttemptOutcome = Omit<PostOutcome, "failure"> & {
  readonly failure: PostOutcome["failure"] | "expired";
};

export type Attempt = {
  readonly at: Date;
  /** `null` for a test event. */
  readonly delivery: Pick<DueDelivery, "sequence" | "number" | "attempts"> | null;
  readonly type: string;
  readonly outcome: AttemptOutcome;
};

export const isSuccess = ({ status }: AttemptOutcome): boolean =>
  status !== null && status >= 200 && status < 300;

export const answerContext = (organizationId: string, attemptId: string): SealContext => ({
  organizationId,
  table: "webhook_attempt",
  row: attemptId,
  column: "sealed_answer",
});

const ADD_ATTEMPTS = `
  INSERT INTO webhook_attempt (organization_id, endpoint_id, id, sequence, number, type, at, attempt, status, failure,
    duration_ms, sealed_answer)
  SELECT $1, $2, a.* FROM unnest($3::uuid[], $4::bigint[], $5::int[], $6::text[], $7::timestamptz[], $8::int[], $9::int[],
    $10::text[], $11::int[], $12::bytea[]) AS a
  ON CONFLICT DO NOTHING`;

/** Stores attempts, with the beginning of each response sealed. @returns their ids */
export async function addAttempts(
  client: ClientBase,
  { organizationId, endpointId }: EndpointRef,
  attempts: readonly Attempt[],
): Promise<string[]> {
  const rows = attempts.map((attempt) => ({ ...attempt, id: newId() }));
  const column = <T>(of: (row: (typeof rows)[number]) => T) => rows.map(of);
  await client.query(ADD_ATTEMPTS, [
    organizationId,
    endpointId,
    column(({ id }) => id),
    column(({ delivery }) => delivery?.sequence ?? null),
    column(({ delivery }) => delivery?.number ?? null),
    column(({ type }) => type),
    column(({ at }) => at),
    column(({ delivery }) => (delivery?.attempts ?? 0) + 1),
    column(({ outcome }) => outcome.status),
    column(({ outcome }) => outcome.failure),
    column(({ outcome }) => outcome.durationMs),
    column(({ id, outcome: { answer } }) =>
      answer.length === 0
        ? null
        : Buffer.from(sealSecret(answerContext(organizationId, id), new Redacted(answer.toString("latin1")))),
    ),
  ]);
  return rows.map(({ id }) => id);
}

const SET_DELIVERIES = `
  UPDATE webhook_delivery d SET state = r.state, attempts = r.attempts, next_attempt_at = r.next_attempt_at
  FROM unnest($3::bigint[], $4::int[], $5::text[], $6::int[], $7::timestamptz[])
    AS r (sequence, number, state, attempts, next_attempt_at)
  WHERE d.organization_id = $1 AND d.endpoint_id = $2 AND d.sequence = r.sequence AND d.number = r.number`;

const SET_ENDPOINT = `
  UPDATE webhook_endpoint SET failing_since = $4, failed_rounds = $5, paused_until = $6,
    disabled_at = coalesce(disabled_at, $7), disabled_for = coalesce(disabled_for, $8)
  WHERE organization_id = $1 AND id = $2 AND claimed_by = $3
  RETURNING disabled_for AS "disabledFor"`;

type Made = Attempt & { readonly delivery: DueDelivery };

const GONE = 410;

function stateAfter({ delivery: { attempts }, at, outcome }: Made, random: number) {
  const made = attempts + 1;
  if (isSuccess(outcome)) return { state: "delivered", made, next: null };
  if (outcome.failure === "expired") return { state: "failed", made: attempts, next: null };
  const { retryAfterMs } = outcome;
  const next = nextAttemptAt({ attempts: made, atMs: at.getTime(), retryAfterMs, random });
  return { state: next === null ? "failed" : "pending", made, next };
}

type DisabledFor = "gone" | "failing";

function endpointAfter(endpoint: ClaimedEndpoint, attempts: readonly Made[], nowMs: number) {
  const failures = attempts.filter(({ outcome }) => !isSuccess(outcome));
  const [first] = failures;
  const asksMs = Math.max(0, ...failures.map(({ outcome }) => outcome.retryAfterMs ?? 0));
  if (!first || failures.length < attempts.length) {
    const pausedUntil = asksMs > 0 ? new Date(nowMs + asksMs) : null;
    return { failingSince: null, failedRounds: 0, pausedUntil, disabledFor: null };
  }
  const failingSince = endpoint.failingSince ?? first.at;
  const failedRounds = endpoint.failedRounds + 1;
  return {
    failingSince,
    failedRounds,
    pausedUntil: new Date(nowMs + Math.max(pauseAfterRounds(failedRounds), asksMs)),
    disabledFor: isGivenUp(failingSince, nowMs) ? ("failing" as const) : null,
  };
}

type RoundEnd = { readonly nowMs: number; readonly random: () => number };

/** Stores the attempts of a round, the state of its deliveries and that of the endpoint. @returns whether the endpoint is disabled */
export async function recordRound(
  client: ClientBase,
  claim: Claim,
  { endpoint, attempts }: { readonly endpoint: ClaimedEndpoint; readonly attempts: readonly Made[] },
  { nowMs, random }: RoundEnd,
): Promise<boolean> {
  const { organizationId, endpointId, jobId } = claim;
  const sent = attempts.filter(({ outcome }) => outcome.failure !== "expired");
  if (sent.length > 0) await addAttempts(client, claim, sent);
  const states = attempts.map((attempt) => stateAfter(attempt, random()));
  await client.query(SET_DELIVERIES, [
    organizationId,
    endpointId,
    attempts.map(({ delivery }) => delivery.sequence),
    attempts.map(({ delivery }) => delivery.number),
    states.map(({ state }) => state),
    states.map(({ made }) => made),
    states.map(({ next }) => next),
  ]);
  if (sent.length === 0) return false;
  const isGone = sent.some(({ outcome }) => outcome.status === GONE);
  const { failingSince, failedRounds, pausedUntil, ...after } = endpointAfter(endpoint, sent, nowMs);
  const disabledFor: DisabledFor | null = isGone ? "gone" : after.disabledFor;
  if (
    disabledFor === null &&
    failingSince === endpoint.failingSince &&
    pausedUntil === endpoint.pausedUntil
  ) {
    return false;
  }
  const { rows } = await client.query<{ disabledFor: string | null }>(SET_ENDPOINT, [
    organizationId,
    endpointId,
    jobId,
    failingSince,
    failedRounds,
    pausedUntil,
    disabledFor && new Date(nowMs),
    disabledFor,
  ]);
  // Not one that a person has disabled in the meantime
  if (disabledFor === null || rows[0]?.disabledFor !== disabledFor) return disabledFor !== null;
  const webhook = { organizationId, webhookId: endpointId };
  await recordDisabledWebhook(client, webhook, disabledFor, new Date(nowMs));
  return true;
}
