import "server-only";
import { readPlan } from "@/lib/directory/changes/read-plan";
import { type DecisionInput, decideRun } from "@/lib/directory/runs/decide-run";
import { getRun } from "@/lib/directory/runs/queries";
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

/** @throws {AppError} `conflict`, whose detail says what came first; who it was, the sync says */
async function decide({ actor, params: { appId, syncId }, headers }: DecideCall, input: DecisionInput) {
  // Of another app, which the key may not touch
  if ((await getRun(actor, syncId)).appId !== appId) throw notFound("run");
  const decided = await decideRun(actor, syncId, input);
  if (!decided.ok) {
    const { kind } = decided.error;
    throw new AppError("conflict", `a sync can't be decided: ${kind}`, { detail: kind });
  }
  return toDecidedAnswer(await getRun(actor, syncId), decided.value.skipped, headers);
}

/** `POST …/apply`. */
export const answerApply = ({ body, ...call }: CallOf<typeof applySyncContract>) =>
  decide(
    call,
    body.removals
      ? { decision: "all", removals: body.confirmRemovals, reason: body.reason }
      : { decision: "without_removals", reason: body.reason },
  );

/** `POST …/reject`. */
export const answerReject = ({ body, ...call }: CallOf<typeof rejectSyncContract>) =>
  decide(call, { decision: "rejected", reason: body.reason });

/** `GET …/plan`. */
export async function planAfterAnswer({
  actor,
  params: { appId, syncId },
  query: { cursor, ...query },
}: CallOf<typeof getSyncPlanContract>) {
  const plan = await readPlan(actor, { appId, runId: syncId }, { ...query, after: cursor });
  return toPlanAnswer(plan, await getRun(actor, syncId));
}
