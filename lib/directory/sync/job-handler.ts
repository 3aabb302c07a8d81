import "server-only";
import { setTimeout as sleep } from "node:timers/promises";
import type { AppRef } from "@/lib/app-ref";
import { withCallRecording } from "@/lib/calls/own-calls";
import { inOrganization } from "@/lib/db/unit-of-work";
import type { DingtalkAttempt } from "@/lib/dingtalk/client";
import { env } from "@/lib/env";
import type { JobHandler } from "@/lib/jobs/queues";
import { callerOf } from "@/lib/tokens/dingtalk-caller";
import { ourDingtalk } from "@/lib/upstream/dingtalk-connections";
import { giveUpRun } from "../runs/lost-runs";
import { awaitTurn, awaitTurnEnd, turnLimits } from "../runs/turns";
import { directoryCalls, verifyCalls } from "./read/directory-calls";
import { runSync } from "./run-sync";

/** A job with fewer attempts can't have lost five workers. */
const ATTEMPTS_UNCHECKED = 5;

export const syncJob: JobHandler<"sync"> = async (run, { id, tries, signal }) => {
  if (tries > ATTEMPTS_UNCHECKED && (await inOrganization(run, (tx) => giveUpRun(tx, run)))) return;
  const { MAX_DEPARTMENTS: departmentsMax, MAX_MEMBERS: membersMax, SYNC_CONCURRENCY: turnsMax } = env();
  const job = { organizationId: run.organizationId, id, attempt: tries - 1 };
  const sleepUntilStopped = (ms: number, stop: AbortSignal) => sleep(ms, undefined, { signal: stop });
  const turns = { ...turnLimits(turnsMax), sleep: sleepUntilStopped };
  const dingtalkFor = (app: AppRef, onAttempt: (attempt: DingtalkAttempt) => void) =>
    withCallRecording(ourDingtalk(onAttempt, { priority: "background", connections: "syncs" }), app);
  await runSync(run, signal, {
    callsOf: async (app, onAttempt, options) =>
      directoryCalls(dingtalkFor(app, onAttempt), await callerOf(app, app.appId), options),
    verifyCallsOf: async (app, onAttempt) =>
      verifyCalls(dingtalkFor(app, onAttempt), await callerOf(app, app.appId)),
    awaitTurn: (stop) => awaitTurn(job, stop, turns),
    awaitTurnEnd: (stop) => awaitTurnEnd(job, stop, turns),
    departmentsMax,
    membersMax,
    sleep: sleepUntilStopped,
  });
};
