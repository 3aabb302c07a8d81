import { listSyncsContract, startSyncContract, toSyncAnswer } from "@/lib/api/syncs";
import { getRun } from "@/lib/directory/runs/get-run";
import { listRuns } from "@/lib/directory/runs/list-runs";
import { startSync } from "@/lib/directory/runs/start-run";
import { AppError } from "@/lib/errors";
import { defineRoute } from "@/lib/http/define-route";
import { nextCursor } from "@/lib/pagination/cursor";

export const GET = defineRoute(
  listSyncsContract,
  async ({ actor, params: { appId }, query: { state, cursor }, headers }) => {
    const { runs, older } = await listRuns(actor, appId, { state, before: cursor });
    const syncs = await Promise.all(runs.map((run) => toSyncAnswer(run, headers)));
    return { syncs, nextCursor: nextCursor(older) };
  },
);

export const POST = defineRoute(startSyncContract, async ({ actor, params: { appId }, headers }) => {
  const started = await startSync(actor, appId);
  if (!started.ok) throw new AppError("conflict", "the app is disabled", { detail: "disabled" });
  const { runId, already } = started.value;
  return { sync: await toSyncAnswer(await getRun(actor, runId), headers), already };
});
