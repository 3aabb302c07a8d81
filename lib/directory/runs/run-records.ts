import "server-only";
import type { ClientBase } from "pg";
import type { RunRef } from "@/lib/app-ref";
import { notify } from "@/lib/db/notifications";
import { runSql, type Work } from "@/lib/db/run-sql";
import { readTogether } from "@/lib/db/unit-of-work";
import type { RunMode } from "@/prisma/generated/enums";
import { CHECKPOINT_HOURS } from "./checkpoint-lifetime";
import { RunIsOver } from "./run-errors";
import type { RunCounters } from "./run-states";

export type BegunRun = RunRef & {
  readonly mode: RunMode;
  /** The checkpoint's id. A resumed run has the id of the run that it resumes. */
  readonly walkId: string;
  readonly before?: RunCounters;
};

export const RUN_NOTICE = "run";

export const announceRun = (work: Work, { organizationId, runId }: RunRef): Promise<void> =>
  notify(work, { kind: RUN_NOTICE, organizationId, id: runId });

export type ChainedRun = {
  readonly id: string;
  readonly state: string;
  readonly number: number;
  readonly mode: RunMode;
  /** The run failed by a passing fault, and the time of its retry has come. */
  readonly isRetryDue: boolean;
  /** The checkpoint that a later run may resume; `null` when there is none or it is too old. */
  readonly walkId: string | null;
};

/** Reads a run and the runs that it resumes, newest first. They share one job. */
export function readRunChain(work: Work, { organizationId, runId }: RunRef): Promise<ChainedRun[]> {
  return runSql<ChainedRun>(
    work,
    `WITH RECURSIVE chain AS (
       SELECT id, state::text, number, mode::text, walk_id, retry_at, resumes_run_id FROM sync_run
       WHERE organization_id = $1::uuid AND id = $2::uuid
       UNION ALL
       SELECT r.id, r.state::text, r.number, r.mode::text, r.walk_id, r.retry_at, r.resumes_run_id FROM sync_run r
       JOIN chain ON r.organization_id = $1::uuid AND r.id = chain.resumes_run_id)
     SELECT chain.id, chain.state, chain.number, chain.mode, coalesce(chain.retry_at <= now(), false) AS "isRetryDue",
       CASE WHEN walk.started_at > now() - interval '${CHECKPOINT_HOURS} h' THEN chain.walk_id END AS "walkId"
     FROM chain LEFT JOIN sync_run walk ON walk.organization_id = $1::uuid AND walk.id = chain.walk_id
     ORDER BY chain.number DESC`,
    [organizationId, runId],
  );
}

const ACTIVE = `
  SELECT FROM sync_run r JOIN dingtalk_app a ON a.organization_id = r.organization_id AND a.active_run_id = r.id
  WHERE r.organization_id = $1 AND r.id = $2 AND r.state = 'running'`;

export const isRunActive = async ({ organizationId, runId }: RunRef): Promise<boolean> =>
  (await readTogether({ organizationId }, ACTIVE, [organizationId, runId])).length === 1;

/** @throws {RunIsOver} when the run is no longer its app's running run */
export async function requireActive(client: ClientBase, { organizationId, runId }: RunRef): Promise<void> {
  const { rowCount } = await client.query(ACTIVE, [organizationId, runId]);
  if (rowCount !== 1) throw new RunIsOver();
}

/** The parameters of `departments_seen, members_seen, calls, throttles, calls_by_api`, in this order. */
export const counterValues = (counters: RunCounters) => [
  counters.departmentsSeen,
  counters.membersSeen,
  counters.calls,
  counters.throttles,
  JSON.stringify(counters.callsByApi),
];
