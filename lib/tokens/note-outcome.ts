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

/** How talking to DingTalk for an app went. */
export type Outcome = "worked" | "failed" | "broke";

/**
 * The states that what happens with an app's token leads to.
 *
 * - *verified* → *degraded* when a renewal fails, → *broken* when only a person can mend it
 * - *degraded* → *verified* when one works, → *broken*
 * - *broken* → *verified* when one works: the one of a connection test, since none is tried by itself
 * - *draft* and *disabled* stay what they are: a connection test, or a person, ends them
 */
export function stateAfter(state: AppState, outcome: Outcome): AppState {
  if (state === "draft" || state === "disabled") return state;
  if (outcome === "worked") return "verified";
  if (outcome === "broke" || state === "broken") return "broken";
  return "degraded";
}

/** The states that an outcome changes or confirms, each with the one it leads to. */
const STATES = ["draft", "verified", "degraded", "broken", "disabled"] as const satisfies AppState[];

// `state_since` moves only when the state does; a failure's reason is always the latest.
const UPDATE = `
  UPDATE dingtalk_app a SET
    state = c.next, state_reason = $5::jsonb, updated_at = $6::timestamptz,
    state_since = CASE WHEN a.state = c.next THEN a.state_since ELSE $6::timestamptz END,
    verified_at = CASE WHEN c.next = 'verified' THEN $6::timestamptz ELSE a.verified_at END
  FROM unnest($3::text[]::"AppState"[], $4::text[]::"AppState"[]) AS c (present, next)
  WHERE a.organization_id = $1::uuid AND a.id = $2::uuid AND a.state = c.present
    AND (a.state <> c.next OR $5::jsonb IS NOT NULL)`;

/** Brings the app's state to what an outcome says, in the unit of work that stores the outcome. */
async function note(
  work: Work,
  app: AppRef,
  { outcome, reason, at }: { outcome: Outcome; reason: string | null; at: Date },
): Promise<void> {
  const present = STATES.filter((state) => state !== "draft" && state !== "disabled");
  const next = present.map((state) => stateAfter(state, outcome));
  await runSql(work, UPDATE, [app.organizationId, app.appId, present, next, reason, at]);
}

export const noteSuccess = (work: Work, app: AppRef, at: Date): Promise<void> =>
  note(work, app, { outcome: "worked", reason: null, at });

/** @param error shown to people as it describes itself */
export const noteFailure = (work: Work, app: AppRef, error: DingtalkError, at: Date): Promise<void> =>
  note(work, app, {
    outcome: isBreaking(error) ? "broke" : "failed",
    reason: JSON.stringify(error.describe()),
    at,
  });
