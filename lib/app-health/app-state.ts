import "server-only";
import type { AppRef } from "@/lib/app-ref";
import { runSql, type Work } from "@/lib/db/run-sql";
import { isTokenApi } from "@/lib/dingtalk/access-token";
import type { DingtalkError } from "@/lib/dingtalk/errors";
import { scheduleAppJob } from "@/lib/jobs/send-job";
import { recordState } from "@/lib/notices/record-state";
import type { AppState } from "@/prisma/generated/enums";
import { CREDENTIALS_REFUSED, failureClassOf } from "./failure-class";
import { nextProbeAt } from "./probe-schedule";

/**
 * Outcome of a renewal, call or test of an app.
 *
 * - *worked*, *failed*: an automatic renewal
 * - *broke*: a failure that doesn't end soon
 * - *allowed*: an API accepted the app again
 * - *retried*: a person changed the secret
 * - *passed*: a connection test
 */
export type Outcome = "worked" | "failed" | "broke" | "allowed" | "retried" | "passed";

/**
 * Returns the state after an outcome.
 *
 * - *verified* → *degraded* on *failed*; → *broken* on *broke*
 * - *degraded* → *verified* on any success; → *broken* on *broke*
 * - *broken* → *verified* on any success; → *degraded* on *retried*; unchanged on *failed*
 * - *draft* and *disabled* never change: only a person ends them
 *
 * While an API refuses the app, only a successful call verifies it. A renewed token doesn't.
 */
export function stateAfter(state: AppState, outcome: Outcome): AppState {
  if (state === "draft" || state === "disabled") return state;
  if (outcome === "passed") return "verified";
  if (outcome === "broke") return "broken";
  if (outcome === "retried") return state === "broken" ? "degraded" : state;
  if (outcome === "failed") return state === "broken" ? "broken" : "degraded";
  return "verified";
}

const CHANGING = ["verified", "degraded", "broken"] as const satisfies AppState[];

// `state_since` changes only with the state. The latest failure is the reason, except a transient one while an API
// refuses the app or the app is broken. Without a failure, an unchanged state keeps its reason. A refused secret stays
// the reason even if calls with the old, still valid token succeed.
const UPDATE = `
  UPDATE dingtalk_app a SET
    state = c.next, updated_at = $6::timestamptz,
    state_reason = CASE WHEN $8::boolean AND (a.probe_at IS NOT NULL OR c.next = 'broken') THEN a.state_reason
      ELSE $5::jsonb END,
    probe_at = CASE WHEN $8::boolean THEN a.probe_at ELSE $7::timestamptz END,
    state_since = CASE WHEN a.state = c.next THEN a.state_since ELSE $6::timestamptz END,
    verified_at = CASE WHEN c.next = 'verified' THEN $6::timestamptz ELSE a.verified_at END
  FROM unnest($3::text[]::"AppState"[], $4::text[]::"AppState"[], $3::text[], $4::text[])
    AS c (present, next, present_name, next_name)
  WHERE a.organization_id = $1::uuid AND a.id = $2::uuid AND a.state = c.present
    AND (a.state <> c.next OR $5::jsonb IS NOT NULL)
    AND (a.probe_at IS NULL OR $9::text <> 'worked') AND (a.probe_at IS NOT NULL OR $9::text <> 'allowed')
    AND (a.state <> 'broken' OR NOT coalesce(a.state_reason ->> 'kind' = ANY($10::text[]), false)
      OR $9::text IN ('worked', 'retried', 'passed'))
  RETURNING c.present_name AS before, c.next_name AS after`;

type Recorded = {
  readonly outcome: Outcome;
  readonly reason: string | null;
  readonly at: Date;
  readonly probeAt?: Date | null;
  /** Leaves a refusing API and the cause of a broken app as they are. */
  readonly isTransient?: boolean;
};

async function record(work: Work, app: AppRef, recorded: Recorded): Promise<void> {
  const { outcome, reason, at, probeAt = null, isTransient = false } = recorded;
  const next = CHANGING.map((state) => stateAfter(state, outcome));
  const values = [
    app.organizationId,
    app.appId,
    CHANGING,
    next,
    reason,
    at,
    probeAt,
    isTransient,
    outcome,
    CREDENTIALS_REFUSED,
  ];
  const [changed] = await runSql<{ before: AppState; after: AppState }>(work, UPDATE, values);
  if (!changed || changed.before === changed.after) return;
  await recordState(work, app, { state: changed.after, reason, at });
  // A scheduled sync may have come due while the app couldn't be synced.
  if (changed.after === "verified") await scheduleAppJob("sync.due", app, new Date(), work);
}

export const recordSuccess = (
  work: Work,
  app: AppRef,
  outcome: Extract<Outcome, "worked" | "allowed" | "retried" | "passed">,
  at: Date,
): Promise<void> => record(work, app, { outcome, reason: null, at });

/** @param probeAt time of the next call to the API that failed, unless the failure was a renewal's */
export function recordFailure(
  work: Work,
  app: AppRef,
  error: DingtalkError,
  { at, probeAt = null }: { readonly at: Date; readonly probeAt?: Date | null },
): Promise<void> {
  const failureClass = failureClassOf(error);
  return record(work, app, {
    outcome: failureClass === "credentials" || failureClass === "broken" ? "broke" : "failed",
    reason: JSON.stringify(error.describe()),
    at,
    probeAt,
    isTransient: failureClass === "transient",
  });
}

const BROKEN_SINCE = `
  SELECT state_since FROM dingtalk_app WHERE organization_id = $1::uuid AND id = $2::uuid AND state = 'broken'`;

/** Records that an API refuses the app and schedules its probe. Ignores transient failures and the token API's. */
export async function recordRefusal(work: Work, app: AppRef, error: DingtalkError, at: Date): Promise<void> {
  const failureClass = failureClassOf(error);
  switch (failureClass) {
    case "credentials":
      await recordFailure(work, app, error, { at });
      return;
    case "broken":
    case "external": {
      if (isTokenApi(error.api)) return;
      const values = [app.organizationId, app.appId];
      const [broken] = await runSql<{ state_since: Date }>(work, BROKEN_SINCE, values);
      const probeAt = nextProbeAt(failureClass, broken?.state_since ?? null, at);
      await recordFailure(work, app, error, { at, probeAt });
      await scheduleAppJob("app.probe", app, probeAt, work);
      return;
    }
    case "transient":
  }
}
