import { getSyncContract, toSyncAnswer } from "@/lib/api/syncs";
import { getRun } from "@/lib/directory/runs/get-run";
import { notFound } from "@/lib/errors";
import { defineRoute } from "@/lib/http/define-route";

export const GET = defineRoute(getSyncContract, async ({ actor, params: { appId, syncId }, headers }) => {
  const run = await getRun(actor, syncId);
  // The run belongs to another app, which the key may not access.
  if (run.appId !== appId) throw notFound("run");
  return toSyncAnswer(run, headers);
});
