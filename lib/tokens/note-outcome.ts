import "server-only";
import { runSql, type Work } from "@/lib/db/run-sql";
import type { DingtalkErrorKind } from "@/lib/dingtalk/error-kinds";
import type { DingtalkError } from "@/lib/dingtalk/errors";
import type { AppState } from "@/prisma/generated/enums";
import type { AppRef } from "./app-ref";

/**
 * What only a person can mend: at the app's page here, or in DingTalk's console and then by *Test
 * connection*. Nothing is tried again by itself. Everything else passes, or is the operator's to mend, and
 * must not leave each tenant's apps waiting for somebody afterwards.
 */
const BREAKING: ReadonlySet<DingtalkErrorKind> = new Set<DingtalkErrorKind>([
  "credentials_refused",
  "client_refused",
  "organization_unauthorized",
  "corp_id_wrong",
  // Leaves a call only after a renewal, like the next
  "corp_mismatch",
  "token_refused_again",
  "needs_authorization",
  "missing_permission",
  "ip_not_allowed",
  "app_disabled",
  "corp_disabled",
  "api_disabled",
  "suite_credentials_refused",
  "authorization_withdrawn",
]);

export const isBreaking = ({ kind }: Pick<DingtalkError, "kind">): boolean => BREAKING.has(kind);

/**
 * What happened with an app at DingTalk: a call of its own accord *worked* or *failed*, or failed so that it
 * *broke*; a person changed the pair, so that it is *retried*; a connection test *passed*.
 */
export type Outcome = "worked" | "failed" | "broke" | "retried" | "passed";

/**
 * The state that an outcome leads to.
 *
 * - *verified* → *degraded* by what passes by itself, → *broken* by what only a person can mend
 * - *degraded* → *verified* when it works again, → *broken*
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
  return outcome === "worked" ? "verified" : "degraded";
}

/** The others stay what they are. */
const CHANGING = ["verified", "degraded", "broken"] as const satisfies AppState[];

// `state_since` moves only when the state does. A failure's reason is always the latest; without one, a state
// that stays keeps what it has.
const UPDATE = `
  UPDATE dingtalk_app a SET
    state = c.next, state_reason = $5::jsonb, updated_at = $6::timestamptz,
    state_since = CASE WHEN a.state = c.next THEN a.state_since ELSE $6::timestamptz END,
    verified_at = CASE WHEN c.next = 'verified' THEN $6::timestamptz ELSE a.verified_at END
  FROM unnest($3::text[]::"AppState"[], $4::text[]::"AppState"[]) AS c (present, next)
  WHERE a.organization_id = $1::uuid AND a.id = $2::uuid AND a.state = c.present
    AND (a.state <> c.next OR $5::jsonb IS NOT NULL)`;

type Noted = { readonly outcome: Outcome; readonly reason: string | null; readonly at: Date };

/** Brings the app's state to what an outcome says, in the unit of work that stores the outcome. */
async function note(work: Work, app: AppRef, { outcome, reason, at }: Noted): Promise<void> {
  const next = CHANGING.map((state) => stateAfter(state, outcome));
  await runSql(work, UPDATE, [app.organizationId, app.appId, CHANGING, next, reason, at]);
}

export const noteSuccess = (
  work: Work,
  app: AppRef,
  outcome: Extract<Outcome, "worked" | "retried" | "passed">,
  at: Date,
): Promise<void> => note(work, app, { outcome, reason: null, at });

/** @param error shown to people as it describes itself */
export const noteFailure = (work: Work, app: AppRef, error: DingtalkError, at: Date): Promise<void> =>
  note(work, app, {
    outcome: isBreaking(error) ? "broke" : "failed",
    reason: JSON.stringify(error.describe()),
    at,
  });
