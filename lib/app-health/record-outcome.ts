import "server-only";
import type { AppRef } from "@/lib/app-ref";
import { runSql, type Work } from "@/lib/db/run-sql";
import type { DingtalkError } from "@/lib/dingtalk/errors";
import { checkScheduleNow } from "@/lib/directory/runs/schedule";
import { recordState } from "@/lib/notices/record-state";
import type { AppState } from "@/prisma/generated/enums";
import { failureClassOf, SECRET_REFUSED } from "./failure-class";

/**
 * What happened with an app at DingTalk: a renewal of its own accord *worked* or *failed*, or something failed so
 * that it *broke*; an API that had refused it was *allowed* again; a person changed the pair, so that it is
 * *retried*; a connection test *passed*.
 */
export type Outcome = "worked" | "failed" | "broke" | "allowed" | "retried" | "passed";

/**
 * The state that an outcome leads to.
 *
 * - *verified* → *degraded* by what passes or is mended elsewhere, → *broken* by what does not pass soon
 * - *degraded* → *verified* when it works again, → *broken*
 * - *broken* → *verified* when it works again, → *degraded* by a new pair; not by a failure that passes
 *
 * While an API of DingTalk's refuses the app, it works again when a call succeeds; a renewed token alone does not show it.
 * - *draft* and *disabled* stay what they are: only a person's doing ends them
 */
export function stateAfter(state: AppState, outcome: Outcome): AppState {
  if (state === "draft" || state === "disabled") return state;
  if (outcome === "passed") return "verified";
  if (outcome === "broke") return "broken";
  if (outcome === "retried") return state === "broken" ? "degraded" : state;
  if (outcome === "failed") return state === "broken" ? "broken" : "degraded";
  return "verified";
}

/** The others stay what they are. */
const CHANGING = ["verified", "degraded", "broken"] as const satisfies AppState[];

// `state_since` moves only when the state does. A failure's reason is always the latest, but for one that passes
// while an API refuses the app or the app is broken; without one, a state that stays keeps what it has. A refused secret
// stays the reason whatever calls with the token say that still lives.
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

type Noted = {
  readonly outcome: Outcome;
  readonly reason: string | null;
  readonly at: Date;
  /** When the API that refuses the app is called again. */
  readonly probeAt?: Date | null;
  /** A failure that passes says nothing of the API that refuses the app, nor of what broke it. */
  readonly isPassing?: boolean;
};

/** Brings the app's state to what an outcome says, in the unit of work that stores the outcome. */
async function note(work: Work, app: AppRef, noted: Noted): Promise<void> {
  const { outcome, reason, at, probeAt = null, isPassing = false } = noted;
  const next = CHANGING.map((state) => stateAfter(state, outcome));
  const values = [
    app.organizationId,
    app.appId,
    CHANGING,
    next,
    reason,
    at,
    probeAt,
    isPassing,
    outcome,
    SECRET_REFUSED,
  ];
  const [changed] = await runSql<{ before: AppState; after: AppState }>(work, UPDATE, values);
  if (!changed || changed.before === changed.after) return;
  await recordState(work, app, { state: changed.after, reason, at });
  if (changed.after === "verified") await checkScheduleNow(work, app);
}

export const noteSuccess = (
  work: Work,
  app: AppRef,
  outcome: Extract<Outcome, "worked" | "allowed" | "retried" | "passed">,
  at: Date,
): Promise<void> => note(work, app, { outcome, reason: null, at });

/**
 * @param error shown to people as it describes itself
 * @param probeAt when the API that failed is called again, where that is no renewal's doing
 */
export function noteFailure(
  work: Work,
  app: AppRef,
  error: DingtalkError,
  { at, probeAt = null }: { readonly at: Date; readonly probeAt?: Date | null },
): Promise<void> {
  const failureClass = failureClassOf(error);
  return note(work, app, {
    outcome: failureClass === "secret" || failureClass === "broken" ? "broke" : "failed",
    reason: JSON.stringify(error.describe()),
    at,
    probeAt,
    isPassing: failureClass === "passing",
  });
}
