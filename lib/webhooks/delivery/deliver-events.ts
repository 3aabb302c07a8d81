import "server-only";
import { inOrganizationSql } from "@/lib/db/unit-of-work";
import { removeWaitingJobs, sendJob } from "@/lib/jobs/send-job";
import { log } from "@/lib/log";
import { deliveryJobKey } from "@/lib/webhook-log/record-event";
import type { EndpointRef } from "../endpoints/endpoint-secrets";
import { type Claim, type ClaimedEndpoint, releaseEndpoint } from "./claim-endpoint";
import { CONCURRENT_MAX, type DueDelivery, planRound, UNBLOCKED } from "./plan-round";
import type { Post } from "./post-message";
import { type AttemptOutcome, recordRound } from "./record-round";
import type { UrlRefusal } from "./webhook-url";

/** Time after which a job ends and queues another one, so that other endpoints of the organization get a turn. */
const TURN_MS = 20_000;
/** Time in which a round starts deliveries. */
const ROUND_MS = 5_000;

export type DeliveryTools = {
  readonly now: () => number;
  readonly random: () => number;
  /** Checks an endpoint's URL, whose rules may have changed. */
  readonly parseUrl: (
    url: string,
  ) => { readonly ok: true; readonly value: URL } | { readonly ok: false; readonly error: UrlRefusal };
  readonly post: Post;
};

const nothingSent = (failure: AttemptOutcome["failure"]): AttemptOutcome => ({
  status: null,
  failure,
  durationMs: 0,
  answer: Buffer.alloc(0),
  retryAfterMs: null,
});

async function attemptOne(
  { message }: DueDelivery,
  { url, secrets }: ClaimedEndpoint,
  { now, parseUrl, post }: DeliveryTools,
): Promise<AttemptOutcome> {
  if (!message) return nothingSent("expired");
  const address = parseUrl(url.reveal());
  if (!address.ok) return nothingSent("private");
  return post(address.value, { id: message.id, atMs: now(), body: JSON.stringify(message) }, secrets);
}

async function attemptAll(
  due: readonly DueDelivery[],
  endpoint: ClaimedEndpoint,
  tools: DeliveryTools,
  signal: AbortSignal,
) {
  const attempts: {
    readonly at: Date;
    readonly delivery: DueDelivery;
    readonly type: string;
    readonly outcome: AttemptOutcome;
  }[] = [];
  const startedAtMs = tools.now();
  const queue = due.values();
  const work = async () => {
    for (const delivery of queue) {
      const at = new Date(tools.now());
      const outcome = await attemptOne(delivery, endpoint, tools);
      attempts.push({ at, delivery, type: delivery.message?.type ?? "", outcome });
      if (signal.aborted || tools.now() - startedAtMs > ROUND_MS) return;
    }
  };
  await Promise.all(Array.from({ length: CONCURRENT_MAX }, work));
  return attempts;
}

const NEXT = `SELECT min(d.next_attempt_at) AS at FROM webhook_delivery d WHERE ${UNBLOCKED}`;

/** Queues the job of the next retry, or of the end of a pause, and gives up the claim. */
function endTurn(claim: Claim, { isOrdered }: ClaimedEndpoint, pausedUntil: Date | null): Promise<void> {
  const { organizationId, endpointId } = claim;
  return inOrganizationSql(claim, async (client) => {
    const { rows } = await client.query<{ at: Date | null }>(NEXT, [organizationId, endpointId, isOrdered]);
    // Later events may wait for the end of a pause.
    const startAfter = pausedUntil ?? rows[0]?.at ?? null;
    const singletonKey = `${deliveryJobKey(organizationId, endpointId)}/retry`;
    await removeWaitingJobs(client, "webhook.deliver", singletonKey);
    if (startAfter) {
      const options = { tx: client, startAfter, singletonKey, group: organizationId };
      await sendJob("webhook.deliver", { organizationId, endpointId }, options);
    }
    await releaseEndpoint(client, claim);
  });
}

const HAS_UNREAD = `
  SELECT FROM webhook_endpoint p WHERE p.organization_id = $1 AND p.id = $2 AND p.disabled_at IS NULL AND (
    EXISTS (SELECT FROM webhook_event e WHERE e.organization_id = $1 AND e.sequence IS NULL)
    OR EXISTS (SELECT FROM webhook_event e WHERE e.organization_id = $1 AND e.sequence > p.cursor_sequence))`;

/** A job that ran during the turn found the endpoint claimed and left its events to this one. */
async function hasUnreadEvents({ organizationId, endpointId }: EndpointRef): Promise<boolean> {
  const { rowCount } = await inOrganizationSql({ organizationId }, (client) =>
    client.query(HAS_UNREAD, [organizationId, endpointId]),
  );
  return rowCount === 1;
}

export const queueDelivery = ({ organizationId, endpointId }: EndpointRef): Promise<boolean> =>
  sendJob(
    "webhook.deliver",
    { organizationId, endpointId },
    { singletonKey: deliveryJobKey(organizationId, endpointId), group: organizationId },
  );

/**
 * Delivers an endpoint's events until none is due, at least once each. A job that dies leaves deliveries pending, and
 * its retry makes them again.
 */
export async function deliverEvents(claim: Claim, tools: DeliveryTools, signal: AbortSignal): Promise<void> {
  const { now, random } = tools;
  const startedAtMs = now();
  for (;;) {
    const round = await inOrganizationSql(claim, (client) => planRound(client, claim, now()));
    if (!round) return;
    const { endpoint, due, hasMore, pausedUntil } = round;
    if (due.length === 0 && !hasMore) {
      await endTurn(claim, endpoint, pausedUntil);
      if (pausedUntil || !(await hasUnreadEvents(claim))) return;
      continue;
    }
    const attempts = await attemptAll(due, endpoint, tools, signal);
    if (attempts.length > 0) {
      const isDisabled = await inOrganizationSql(claim, (client) =>
        recordRound(client, claim, { endpoint, attempts }, { nowMs: now(), random }),
      );
      if (isDisabled) {
        log.warn("webhook endpoint disabled", { endpointId: claim.endpointId });
        return;
      }
    }
    if (signal.aborted || now() - startedAtMs > TURN_MS) {
      await queueDelivery(claim);
      await inOrganizationSql(claim, (client) => releaseEndpoint(client, claim));
      return;
    }
  }
}
