import "server-only";
import type { Actor } from "@/lib/auth/actor";
import { nextCursor } from "@/lib/pagination/cursor";
import { PAST_RUNS_PER_PAGE } from "../page-sizes";
import { inDirectory } from "../reader/directory-reader";
import { historyDays, type PastRun, READABLE_RUNS } from "../reader/readable-runs";
import type { PastRunPage } from "./schema";

/** Only runs with changes, because the directory is the same after the others. */
const CHANGING = `${READABLE_RUNS} AND ($4::int IS NULL OR number < $4) AND EXISTS (
    SELECT FROM change_set s WHERE s.organization_id = $1 AND s.id = sync_run.id AND s.revision IS NOT NULL)
  ORDER BY number DESC LIMIT $5`;

/** Returns the sync runs that changed an app's directory, newest first, within the history period. */
export function listPastRuns(
  actor: Actor<"directory.read">,
  appId: string,
  { before }: { readonly before?: number | undefined } = {},
): Promise<PastRunPage> {
  return inDirectory(actor, appId, async (reader) => {
    const { rows } = await reader.client.query<PastRun>(CHANGING, [
      ...reader.scope,
      await historyDays(reader),
      before ?? null,
      PAST_RUNS_PER_PAGE + 1,
    ]);
    const runs = rows.slice(0, PAST_RUNS_PER_PAGE).map(({ id, number, finishedAt }) => ({
      id,
      number,
      finishedAt: finishedAt.toISOString(),
    }));
    return {
      runs,
      older: nextCursor(rows.length > PAST_RUNS_PER_PAGE ? (runs.at(-1)?.number ?? null) : null),
    };
  });
}
