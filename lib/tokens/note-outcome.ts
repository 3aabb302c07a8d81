import "server-only";
import { runSql, type Work } from "@/lib/db/run-sql";
import type { DingtalkError } from "@/lib/dingtalk/errors";
import { recordState } from "@/lib/notices/record-state";
import type { AppState } from "@/prisma/generated/enums";
import type { AppRef } from "./app-ref";
import { failureClassOf } from "./failure-class";

/**
 * What happened with an app at DingTalk: a renewal of its own accord *worked* or *failed*, or something failed so
 * that it *broke*; an API that had refused it was *allowed* again; a person changed the pair, so that it is
 * *retried*; a connection test *passed*.
 */
export type Outcome = "worked" | "failed" | "broke" | "allowed" | "retried" | "passed";

/**
 * The state that an outcome leads to.
 *
 * - *verified* → *degraded* by what passes or is mended elsewhere, → *broken* by what has to be changed here
 * - *degraded* → *verified* when it works again, → *broken*; while an API of DingTalk's refuses the app, only that
 *   API's answer counts, and not that its token was renewed
 * - *broken* → *verified* by a test that passes, → *degraded* by a new pair: never by itself, since what broke
 *   it may be another call than the one that works
 * - *draft* and *disabled* stay what they are: only a person's doing ends them
 */
export function stateAfter(state: AppState, outcome: Outcome): AppState {
  if (state === "draft" || state === "disabled") return state;
  if (outcome === "passed") return "verified";
  if (outcome === "broke") return "broken";
  if (state === "broken") return outcome === "retried" ? "degraded" : "broken";
  if (outcome === "retried") return state;
  return outcome === "failed" ? "degraded" : "verified";
}

/** The others stay what they are. */
const CHANGING = ["verified", "degraded", "broken"] as const satisfies AppState[];

// `state_since` moves only when the state does. A failure's reason is always the latest, but for one that passes
// while an API refuses the app; without one, a state that stays keeps what it has.
const UPDATE = `
  UPDATE dingtalk_app a SET
    state = c.next, updated_at = $6::timestamptz,
    state_reason = CASE WHEN c.next = 'degraded' AND a.probe_at IS NOT NULL AND $8::boolean THEN a.state_reason
      ELSE $5::jsonb END,
    probe_at = CASE WHEN c.next <> 'degraded' THEN NULL WHEN $8::boolean THEN a.probe_at ELSE $7::timestamptz END,
    state_since = CASE WHEN a.state = c.next THEN a.state_since ELSE $6::timestamptz END,
    verified_at = CASE WHEN c.next = 'verified' THEN $6::timestamptz ELSE a.verified_at END
  FROM unnest($3::text[]::"AppState"[], $4::text[]::"AppState"[], $3::text[], $4::text[])
    AS c (present, next, present_name, next_name)
  WHERE a.organization_id = $1::uuid AND a.id = $2::uuid AND a.state = c.present
    AND (a.state <> c.next OR $5::jsonb IS NOT NULL)
    AND (a.probe_at IS NULL OR $9::text <> 'worked') AND (a.probe_at IS NOT NULL OR $9::text <> 'allowed')
  RETURNING c.present_name AS before, c.next_name AS after`;

type Noted = {
  readonly outcome: Outcome;
  readonly reason: string | null;
  readonly at: Date;
  /** When the API that refuses the app is called again. */
  readonly probeAt?: Date | null;
  /** An API that refuses the app goes on doing so, whatever this outcome is. */
  readonly keepsProbe?: boolean;
};

/** Brings the app's state to what an outcome says, in the unit of work that stores the outcome. */
async function note(work: Work, app: AppRef, noted: Noted): Promise<void> {
  const { outcome, reason, at, probeAt = null, keepsProbe = false } = noted;
  const next = CHANGING.map((state) => stateAfter(state, outcome));
  const values = [app.organizationId, app.appId, CHANGING, next, reason, at, probeAt, keepsProbe, outcome];
  const [changed] = await runSql<{ before: AppState; after: AppState }>(work, UPDATE, values);
  if (!changed || changed.before === changed.after) return;
  await recordState(work, app, { state: changed.after, reason, at });
}

export const noteSuccess = (
  work: Work,
  app: AppRef,
  outcome: Extract<Outcome, "worked" | "allowed" | "retried" | "passed">,
  at: Date,
): Promise<void> => note(work, app, { outcome, reason: null, at, keepsProbe: outcome === "retried" });

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
    outcome: failureClass === "broken" ? "broke" : "failed",
    reason: JSON.stringify(error.describe()),
    at,
    probeAt,
    keepsProbe: failureClass === "passing",
  });
}
