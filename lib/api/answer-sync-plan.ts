import "server-only";
import { readPlan } from "@/lib/directory/changes/read-plan";
import { type DecisionInput, decideRun } from "@/lib/directory/runs/decide-run";
import { getRun } from "@/lib/directory/runs/get-run";
import { AppError, notFound } from "@/lib/errors";
import type { CallOf } from "./call";
import {
  type applySyncContract,
  type getSyncPlanContract,
  type rejectSyncContract,
  toDecidedAnswer,
  toPlanAnswer,
} from "./sync-plan";

type DecideCall = Pick<CallOf<typeof rejectSyncContract>, "actor" | "params" | "headers">;

/** @throws {AppError} `conflict`, with the reason in `detail`, if the sync no longer waits for a decision */
async function decide({ actor, params: { appId, syncId }, headers }: DecideCall, input: DecisionInput) {
  // The key may not use the app of another path
  if ((await getRun(actor, syncId)).appId !== appId) throw notFound("run");
  const decided = await decideRun(actor, syncId, input);
  if (!decided.ok) {
    const { kind } = decided.error;
    throw new AppError("conflict", `the sync can't be decided: ${kind}`, { detail: kind });
  }
  return toDecidedAnswer(await getRun(actor, syncId), decided.value.skipped, headers);
}

export const answerApply = ({ body, ...call }: CallOf<typeof applySyncContract>) =>
  decide(
    call,
    body.removals
      ? { decision: "all", removals: body.confirmRemovals, reason: body.reason }
      : { decision: "without_removals", reason: body.reason },
  );

export const answerReject = ({ body, ...call }: CallOf<typeof rejectSyncContract>) =>
  decide(call, { decision: "rejected", reason: body.reason });

export async function planAfterAnswer({
  actor,
  params: { appId, syncId },
  query: { cursor, ...query },
}: CallOf<typeof getSyncPlanContract>) {
  const plan = await readPlan(actor, { appId, runId: syncId }, { ...query, after: cursor });
  return toPlanAnswer(plan, await getRun(actor, syncId));
}
