import "server-only";
import type { ClientBase } from "pg";
import type { AppRef, RunRef } from "@/lib/app-ref";
import { inOrganizationSql, LIMITS } from "@/lib/db/unit-of-work";
import { endRun } from "../../runs/end-run";
import { ZERO_COUNTS } from "../../runs/run-counts";
import { RunIsOver } from "../../runs/run-errors";
import type { SyncReason } from "../../runs/run-reasons";
import { type BegunRun, requireActive } from "../../runs/run-records";
import type { RunCounters } from "../../runs/run-states";
import type { RetryOptions } from "../read/call-wrappers";
import type { VerifyCalls } from "../read/directory-calls";
import type { StoredDirectory } from "../read/stored-directory";
import { type StoredContents, type VerifyResult, verifyDirectory } from "./verify-directory";

type VerifyTools = {
  readonly calls: VerifyCalls;
  readonly retry: RetryOptions;
  readonly signal: AbortSignal;
};

/** Compares DingTalk's directory with the stored one by ids. @returns `null` before the first complete read */
export async function verifyRun(
  run: BegunRun,
  { settings, scope }: StoredDirectory,
  { calls, retry, signal }: VerifyTools,
): Promise<VerifyResult | null> {
  const stored = await loadFigures(run);
  if (scope === null || stored.leastCalls === null) return null;
  const seesAll =
    scope.departmentIds.includes("1") && settings.includeIds.length + settings.excludeIds.length === 0;
  return verifyDirectory(calls, {
    fullReadCalls: Object.values(stored.leastCalls).reduce((sum, count) => sum + count, 0),
    scope,
    exclude: new Set(settings.excludeIds),
    hasMembers: stored.members > 0,
    membersStored: seesAll && stored.members > 0 ? stored.members : null,
    turn: stored.turn,
    loadDepartmentIds: () => loadDepartmentIds(run),
    loadContents: (departmentIds) => loadContents(run, departmentIds),
    random: Math.random,
    retry,
    signal,
  });
}

type Figures = {
  readonly members: number;
  readonly turn: number;
  readonly leastCalls: Readonly<Record<string, number>> | null;
};

/** Ignores rows that a person keeps, because DingTalk doesn't have them. */
function loadFigures(run: RunRef): Promise<Figures> {
  return inOrganizationSql(run, async (client) => {
    const { rows } = await client.query<Figures>(
      `SELECT
         (SELECT count(*) FROM member WHERE organization_id = $1 AND app_id = $2 AND removed_at IS NULL
           AND kept_at IS NULL)::int AS members,
         (SELECT number FROM sync_run WHERE organization_id = $1 AND id = $3) AS turn,
         (SELECT least_calls FROM sync_run WHERE organization_id = $1 AND app_id = $2 AND state = 'succeeded'
           AND is_complete AND least_calls IS NOT NULL ORDER BY number DESC LIMIT 1) AS "leastCalls"`,
      [run.organizationId, run.appId, run.runId],
    );
    if (!rows[0]) throw new RunIsOver();
    return rows[0];
  });
}

async function loadDepartmentIds({ organizationId, appId }: AppRef): Promise<string[]> {
  const { rows } = await inOrganizationSql(
    { organizationId },
    (client) =>
      client.query<{ id: string }>(
        `SELECT department_id::text AS id FROM department
         WHERE organization_id = $1 AND app_id = $2 AND removed_at IS NULL AND kept_at IS NULL ORDER BY department_id`,
        [organizationId, appId],
      ),
    LIMITS.bulk,
  );
  return rows.map(({ id }) => id);
}

const CONTENTS = `
  SELECT requested.id::text AS id,
    ARRAY(SELECT d.department_id::text FROM department d WHERE d.organization_id = $1 AND d.app_id = $2
      AND d.parent_id = requested.id AND d.removed_at IS NULL AND d.kept_at IS NULL) AS children,
    ARRAY(SELECT p.user_id FROM member_place p JOIN member m ON m.organization_id = $1 AND m.app_id = $2
      AND m.user_id = p.user_id AND m.kept_at IS NULL
      WHERE p.organization_id = $1 AND p.app_id = $2 AND p.department_id = requested.id) AS members
  FROM unnest($3::bigint[]) AS requested (id)`;

async function loadContents(
  { organizationId, appId }: AppRef,
  departmentIds: readonly string[],
): Promise<ReadonlyMap<string, StoredContents>> {
  const { rows } = await inOrganizationSql(
    { organizationId },
    (client) =>
      client.query<{ id: string; children: string[]; members: string[] }>(CONTENTS, [
        organizationId,
        appId,
        departmentIds,
      ]),
    LIMITS.bulk,
  );
  return new Map(
    rows.map(({ id, children, members }) => [id, { children: new Set(children), members: new Set(members) }]),
  );
}

/**
 * Ends a verify run that found no difference.
 * @param error why only a part was compared, as a full run reports it
 * @throws {RunIsOver}
 */
export function endVerifyRun(run: BegunRun, counters: RunCounters, error: SyncReason | null): Promise<void> {
  return inOrganizationSql(run, async (client) => {
    await requireActive(client, run);
    const revision = await recordVerified(client, run);
    await endRun(client, run, {
      state: "succeeded",
      isComplete: false,
      error,
      counters,
      counts: ZERO_COUNTS,
      revision,
    });
  });
}

async function recordVerified(client: ClientBase, { organizationId, appId }: AppRef): Promise<number> {
  const { rows } = await client.query<{ revision: number }>(
    `UPDATE directory SET verified_at = now() WHERE organization_id = $1 AND app_id = $2 RETURNING revision`,
    [organizationId, appId],
  );
  return rows[0]?.revision ?? 0;
}
