import type { App } from "@/lib/dingtalk-apps/queries";
import { isTicketLate } from "@/lib/dingtalk-apps/suite-ticket-age";
import type { Run } from "@/lib/directory/runs/run";

/** Reasons why an app needs attention, worst first: its state, a held run, its last sync, or its suite ticket. */
const WORST_FIRST = ["broken", "held", "failed", "degraded", "ticket", "draft"] as const;
export type Problem = (typeof WORST_FIRST)[number];

/** Sort order of app lists. */
const URGENCY: Readonly<Record<App["state"], number>> = {
  broken: 0,
  degraded: 1,
  draft: 2,
  disabled: 3,
  verified: 4,
};

type ProblemInput = Pick<App, "id" | "state" | "name" | "kind" | "suiteTicketAt">;
type LastRun = Pick<Run, "state"> | null | undefined;

export const byUrgency = (a: Pick<App, "state">, b: Pick<App, "state">): number =>
  URGENCY[a.state] - URGENCY[b.state];

/** Returns an app's problem; `null` for working and disabled apps. */
export function problemOf(app: ProblemInput, lastRun: LastRun): Problem | null {
  if (app.state === "disabled") return null;
  if (app.state === "broken") return "broken";
  if (lastRun?.state === "failed" || lastRun?.state === "interrupted") return "failed";
  if (app.state === "verified") return isTicketLate(app) ? "ticket" : null;
  return app.state;
}

type Runs = { readonly lastRun: LastRun; readonly heldRun?: object | null };

/**
 * Lists all problems, worst first and then in the order of the apps. A held run is listed besides an app's other
 * problem.
 */
export function listProblems<A extends ProblemInput & Runs>(
  apps: readonly A[],
): { readonly app: A; readonly problem: Problem }[] {
  return apps
    .flatMap((app) => {
      const problem = problemOf(app, app.lastRun);
      const all: (Problem | null)[] = [app.heldRun ? "held" : null, problem];
      return all.flatMap((each) => (each ? [{ app, problem: each }] : []));
    })
    .sort((a, b) => WORST_FIRST.indexOf(a.problem) - WORST_FIRST.indexOf(b.problem));
}
