import "server-only";
import type { ClientBase } from "pg";
import { recordRefusal } from "@/lib/app-health/app-state";
import type { RunRef } from "@/lib/app-ref";
import { inOrganizationSql } from "@/lib/db/unit-of-work";
import { DingtalkError } from "@/lib/dingtalk/errors";
import { endRun } from "./end-run";
import { sendSyncJob } from "./queue";
import { ZERO_COUNTS } from "./run-counts";
import { SyncFailure } from "./run-errors";
import type { RunError } from "./run-reasons";
import { readRunChain } from "./run-records";
import type { RunCounters } from "./run-states";

const MINUTE_MS = 60_000;

/** Delays of the retries of a run that failed by a passing fault. After the last retry the schedule starts the next run. */
export const RETRY_AFTER_MS: readonly number[] = [5 * MINUTE_MS, 15 * MINUTE_MS, 60 * MINUTE_MS];

/** Returns whether the run may succeed later although nobody changes anything. */
const isPassing = (error: unknown): boolean =>
  error instanceof DingtalkError
    ? error.retry === "auto"
    : error instanceof SyncFailure && error.reason.kind === "scope_unsteady";

async function retryAfterMs(client: ClientBase, run: RunRef, error: unknown): Promise<number | null> {
  if (!isPassing(error)) return null;
  const chain = await readRunChain(client, run);
  return RETRY_AFTER_MS[chain.filter(({ state }) => state === "failed").length] ?? null;
}

export type Failure = {
  readonly error: unknown;
  readonly reason: RunError;
  readonly counters: RunCounters;
};

/**
 * Ends a failed run. A passing fault queues a retry; any other DingTalk error stops the app's scheduled syncs.
 * @returns whether a retry will resume from the checkpoint
 * @throws {RunIsOver}
 */
export function failRun(run: RunRef, { error, reason, counters }: Failure): Promise<boolean> {
  return inOrganizationSql(run, async (client) => {
    const retryAt = await endRun(client, run, {
      state: "failed",
      isComplete: false,
      error: reason,
      counters,
      counts: ZERO_COUNTS,
      retryAfterMs: await retryAfterMs(client, run, error),
    });
    if (error instanceof DingtalkError) await recordRefusal(client, run, error, new Date());
    if (retryAt !== null) await sendSyncJob(client, run, retryAt);
    return retryAt !== null;
  });
}
