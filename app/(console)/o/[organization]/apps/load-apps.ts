import "server-only";
import { type App, listApps } from "@/lib/dingtalk-apps/queries";
import { getLiveState } from "@/lib/directory/runs/live-state";
import { type DirectorySummary, listDirectorySummaries } from "@/lib/directory/runs/queries";
import type { LiveState } from "@/lib/directory/runs/run-states";
import { pageActor } from "@/lib/http/page-actor";
import { listTokenFacts, type TokenFacts } from "@/lib/tokens/queries";

/** An app with all that a list or a summary shows of it. */
export type AppRow = App & {
  readonly summary: Omit<DirectorySummary, "removed">;
  readonly lastRun: DirectorySummary["lastRun"];
  readonly heldRun: DirectorySummary["heldRun"];
  readonly token: TokenFacts | null;
};

/** The organization's apps with how they stand, and the state to keep the page alive by. */
export async function loadApps(organization: string): Promise<{ rows: AppRow[]; live: LiveState }> {
  const actor = await pageActor(organization, "app.read");
  const reader = await pageActor(organization, "directory.read");
  // The live state first: a change after it is then noticed at the next look, and not missed.
  const [live, apps, summaries, tokens] = await Promise.all([
    getLiveState(reader),
    listApps(actor),
    listDirectorySummaries(reader),
    listTokenFacts(actor),
  ]);
  const rows = apps.flatMap((app) => {
    const summary = summaries.get(app.id);
    // One that was connected between two questions is there at the next one
    if (!summary) return [];
    const { lastRun, heldRun } = summary;
    return [{ ...app, summary, lastRun, heldRun, token: tokens.get(app.id) ?? null }];
  });
  return { rows, live };
}
