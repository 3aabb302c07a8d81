import "server-only";
import type { ClientBase } from "pg";
import type { RunRef } from "@/lib/app-ref";
import type { AppState, RunMode } from "@/prisma/generated/enums";

/** Counters of a run's work so far. */
export type RunCounters = {
  readonly departmentsSeen: number;
  readonly membersSeen: number;
  /** Exchanges with DingTalk, repeats included. */
  readonly calls: number;
  readonly throttles: number;
  /** Exchanges by the route's template. */
  readonly callsByApi: Readonly<Record<string, number>>;
};

/** A run that a worker has begun. */
export type BegunRun = RunRef & {
  readonly mode: RunMode;
  /** Under which a walk's answers are kept: those of the run whose place it takes are there already. */
  readonly walkId: string;
  /** Counters of the run's earlier turns. */
  readonly before?: RunCounters;
};

/** What of an app's row decides about its runs. */
export type LockedApp = {
  readonly activeRunId: string | null;
  /** The number of its last run. */
  readonly runsMade: number;
  readonly state: AppState;
};

export type RunRow = {
  readonly id: string;
  readonly state: string;
  readonly number: number;
  readonly mode: RunMode;
  /** Whether it failed by a passing fault and the time of its retry has come. */
  readonly isRetryDue: boolean;
  /** The walk whose answers a later run may use; `null` when there is none, or when it is too old. */
  readonly walkId: string | null;
};

/** For how long after its beginning a walk is resumed, by however many runs. What it read first is that old. */
const WALK_HOURS = 2;

/** Reads a run and those that it resumes, the newest first: they share one job. */
export async function lineOf(client: ClientBase, { organizationId, runId }: RunRef): Promise<RunRow[]> {
  const { rows } = await client.query<RunRow>(
    `WITH RECURSIVE line AS (
       SELECT id, state::text, number, mode, walk_id, retry_at, resumes_run_id FROM sync_run
       WHERE organization_id = $1 AND id = $2
       UNION ALL
       SELECT r.id, r.state::text, r.number, r.mode, r.walk_id, r.retry_at, r.resumes_run_id FROM sync_run r
       JOIN line ON r.organization_id = $1 AND r.id = line.resumes_run_id)
     SELECT line.id, line.state, line.number, line.mode, coalesce(line.retry_at <= now(), false) AS "isRetryDue",
       CASE WHEN walk.started_at > now() - interval '${WALK_HOURS} h' THEN line.walk_id END AS "walkId"
     FROM line LEFT JOIN sync_run walk ON walk.organization_id = $1 AND walk.id = line.walk_id
     ORDER BY line.number DESC`,
    [organizationId, runId],
  );
  return rows;
}
