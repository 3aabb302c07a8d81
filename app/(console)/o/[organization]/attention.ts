import type { App } from "@/lib/dingtalk-apps/queries";
import { isTicketLate } from "@/lib/dingtalk-apps/ticket-age";
import type { Run } from "@/lib/directory/runs/queries";

/** Why an app needs a person: its own state, a plan that waits, its last sync, or its suite ticket. The worst first. */
const WORST_FIRST = ["broken", "held", "failed", "degraded", "ticket", "draft"] as const;
export type Trouble = (typeof WORST_FIRST)[number];

/** Apps in the order of a list; what needs a person comes first. */
const URGENCY: Readonly<Record<App["state"], number>> = {
  broken: 0,
  degraded: 1,
  draft: 2,
  disabled: 3,
  verified: 4,
};

type Judged = Pick<App, "id" | "state" | "name" | "kind" | "suiteTicketAt">;
type LastRun = Pick<Run, "state"> | null | undefined;

export const byUrgency = (a: Pick<App, "state">, b: Pick<App, "state">): number =>
  URGENCY[a.state] - URGENCY[b.state];

/** What is wrong with an app; `null` for one that works, and for one that somebody has disabled on purpose. */
export function troubleOf(app: Judged, lastRun: LastRun): Trouble | null {
  if (app.state === "disabled") return null;
  if (app.state === "broken") return "broken";
  if (lastRun?.state === "failed" || lastRun?.state === "interrupted") return "failed";
  if (app.state === "verified") return isTicketLate(app) ? "ticket" : null;
  return app.state;
}

type Runs = { readonly lastRun: LastRun; readonly heldRun?: object | null };

/** What needs a person, the worst first and then as the apps came. A plan that waits does so whatever else is wrong. */
export function needAttention<A extends Judged & Runs>(
  apps: readonly A[],
): { readonly app: A; readonly trouble: Trouble }[] {
  return apps
    .flatMap((app) => {
      const trouble = troubleOf(app, app.lastRun);
      const all: (Trouble | null)[] = [app.heldRun ? "held" : null, trouble];
      return all.flatMap((each) => (each ? [{ app, trouble: each }] : []));
    })
    .sort((a, b) => WORST_FIRST.indexOf(a.trouble) - WORST_FIRST.indexOf(b.trouble));
}
