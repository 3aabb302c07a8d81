import "server-only";
import { type App, listApps } from "@/lib/dingtalk-apps/queries";
import { type DirectorySummary, listDirectorySummaries } from "@/lib/directory/runs/directory-summary";
import { getLiveState } from "@/lib/directory/runs/live-state";
import type { LiveState } from "@/lib/directory/runs/run-states";
import { pageActor } from "@/lib/http/authorize-page";
import { listTokenFacts, type TokenFacts } from "@/lib/tokens/queries";

/** An app with everything that lists and the overview show. */
export type AppRow = App & {
  readonly summary: Omit<DirectorySummary, "removed">;
  readonly lastRun: DirectorySummary["lastRun"];
  readonly heldRun: DirectorySummary["heldRun"];
  readonly token: TokenFacts | null;
};

/** Loads the organization's apps, and the live state to poll against. */
export async function loadApps(organization: string): Promise<{ rows: AppRow[]; live: LiveState }> {
  const actor = await pageActor(organization, "app.read");
  const reader = await pageActor(organization, "directory.read");
  // The live state first, so that a later change is noticed at the next poll.
  const [live, apps, summaries, tokens] = await Promise.all([
    getLiveState(reader),
    listApps(actor),
    listDirectorySummaries(reader),
    listTokenFacts(actor),
  ]);
  const rows = apps.flatMap((app) => {
    const summary = summaries.get(app.id);
    // An app connected between the two queries appears at the next refresh.
    if (!summary) return [];
    const { lastRun, heldRun } = summary;
    return [{ ...app, summary, lastRun, heldRun, token: tokens.get(app.id) ?? null }];
  });
  return { rows, live };
}
