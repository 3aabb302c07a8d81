import type { AppState } from "@/prisma/generated/enums";

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
