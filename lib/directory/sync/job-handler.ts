import "server-only";
import { setTimeout as sleep } from "node:timers/promises";
import type { AppRef } from "@/lib/app-ref";
import { notedFor } from "@/lib/calls/own-calls";
import { inOrganization } from "@/lib/db/unit-of-work";
import type { DingtalkAttempt } from "@/lib/dingtalk/client";
import { env } from "@/lib/env";
import type { JobHandler } from "@/lib/jobs/handler";
import { callerOf } from "@/lib/tokens/dingtalk-caller";
import { ourDingtalk } from "@/lib/upstream/our-dingtalk";
import { awaitTurn, awaitTurnEnd } from "../runs/await-turn";
import { giveUpRun } from "../runs/lost-runs";
import { turnLimits } from "../runs/turns";
import { directoryCalls, verifyingCalls } from "./read/directory-calls";
import { runSync } from "./run-sync";

/** A job with fewer tries can't have lost five workers, and needs no look at its runs. */
const TRIES_MAX = 5;

/** Works off the queue `sync`, as this server is configured. */
export const syncJob: JobHandler<"sync"> = async (run, { id, tries, signal }) => {
  if (tries > TRIES_MAX && (await inOrganization(run, (tx) => giveUpRun(tx, run)))) return;
  const { MAX_DEPARTMENTS: departmentsMax, MAX_MEMBERS: membersMax, SYNC_CONCURRENCY: turnsMax } = env();
  const job = { organizationId: run.organizationId, id, attempt: tries - 1 };
  const rest = (ms: number, stop: AbortSignal) => sleep(ms, undefined, { signal: stop });
  const turns = { ...turnLimits(turnsMax), sleep: rest };
  const wayOf = (app: AppRef, onAttempt: (attempt: DingtalkAttempt) => void) =>
    notedFor(ourDingtalk(onAttempt, { priority: "background", connections: "syncs" }), app);
  await runSync(run, signal, {
    callsOf: async (app, onAttempt, options) =>
      directoryCalls(wayOf(app, onAttempt), await callerOf(app, app.appId), options),
    verifyingCallsOf: async (app, onAttempt) =>
      verifyingCalls(wayOf(app, onAttempt), await callerOf(app, app.appId)),
    awaitTurn: (stop) => awaitTurn(job, stop, turns),
    awaitTurnEnd: (stop) => awaitTurnEnd(job, stop, turns),
    departmentsMax,
    membersMax,
    sleep: rest,
  });
};
