import "server-only";
import type { ClientBase } from "pg";
import type { AppRef, RunRef } from "@/lib/app-ref";
import { inOrganizationSql, LIMITS } from "@/lib/db/unit-of-work";
import { announceRun } from "../../runs/announce-run";
import { RunIsOver } from "../../runs/run-failures";
import type { SyncReason } from "../../runs/run-reasons";
import {
  type BegunRun,
  endRun,
  NOTHING_COUNTED,
  type RunCounters,
  requireActive,
} from "../../runs/run-records";
import type { VerifyingCalls } from "../read/directory-calls";
import type { Patience } from "../read/patience";
import type { DirectoryBefore } from "../read/stored-directory";
import { type Difference, type HeldInside, type Verified, verifyDirectory } from "../read/verify-directory";

type Look = {
  readonly calls: VerifyingCalls;
  readonly patience: Patience;
  readonly signal: AbortSignal;
};

type Held = {
  readonly members: number;
  /** The run's number. */
  readonly turn: number;
  /** Of the last complete walk. */
  readonly leastCalls: Readonly<Record<string, number>> | null;
};

/**
 * Looks whether DingTalk's directory still is what is held, by ids alone.
 *
 * @returns `null` where nothing was read completely yet, so that there is nothing to compare with
 * @throws as `verifyDirectory`
 */
export async function verifyHeld(
  run: BegunRun,
  { settings, scope }: DirectoryBefore,
  { calls, patience, signal }: Look,
): Promise<Verified | null> {
  const held = await readHeld(run);
  if (scope === null || held.leastCalls === null) return null;
  const isWhole =
    scope.departmentIds.includes("1") && settings.includeIds.length + settings.excludeIds.length === 0;
  return verifyDirectory(calls, {
    fullWalkCalls: Object.values(held.leastCalls).reduce((sum, calls) => sum + calls, 0),
    scope,
    exclude: new Set(settings.excludeIds),
    hasMembers: held.members > 0,
    membersHeld: isWhole && held.members > 0 ? held.members : null,
    turn: held.turn,
    loadDepartmentIds: () => loadDepartmentIds(run),
    loadInside: (departmentIds) => loadInside(run, departmentIds),
    random: Math.random,
    patience,
    signal,
  });
}

/** What is kept by hand is not DingTalk's, so nothing of it is compared. */
function readHeld(run: RunRef): Promise<Held> {
  return inOrganizationSql(run, async (client) => {
    const { rows } = await client.query<Held>(
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

const INSIDE = `
  SELECT asked.id::text AS id,
    ARRAY(SELECT d.department_id::text FROM department d WHERE d.organization_id = $1 AND d.app_id = $2
      AND d.parent_id = asked.id AND d.removed_at IS NULL AND d.kept_at IS NULL) AS children,
    ARRAY(SELECT p.user_id FROM member_place p JOIN member m ON m.organization_id = $1 AND m.app_id = $2
      AND m.user_id = p.user_id AND m.kept_at IS NULL
      WHERE p.organization_id = $1 AND p.app_id = $2 AND p.department_id = asked.id) AS members
  FROM unnest($3::bigint[]) AS asked (id)`;

async function loadInside(
  { organizationId, appId }: AppRef,
  departmentIds: readonly string[],
): Promise<ReadonlyMap<string, HeldInside>> {
  const { rows } = await inOrganizationSql(
    { organizationId },
    (client) =>
      client.query<{ id: string; children: string[]; members: string[] }>(INSIDE, [
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

/** Lets a verifying run go on as a full one, and says why. @throws {RunIsOver} */
export function goOnAsFull(run: RunRef, difference: Difference | null): Promise<void> {
  return inOrganizationSql(run, async (client) => {
    const { rowCount } = await client.query(
      `UPDATE sync_run SET mode = 'full', difference = $3 WHERE organization_id = $1 AND id = $2 AND state = 'running'`,
      [run.organizationId, run.runId, difference && JSON.stringify(difference)],
    );
    if (rowCount !== 1) throw new RunIsOver();
    await announceRun(client, run);
  });
}

/**
 * Ends a verifying run that found no difference. It writes no row of the directory.
 *
 * @param error why not everything was compared, as a full run says it
 * @throws {RunIsOver}
 */
export function finishVerifying(
  run: BegunRun,
  counters: RunCounters,
  error: SyncReason | null,
): Promise<void> {
  return inOrganizationSql(run, async (client) => {
    await requireActive(client, run);
    const revision = await noteVerified(client, run);
    await endRun(client, run, {
      state: "succeeded",
      isComplete: false,
      error,
      counters,
      counts: NOTHING_COUNTED,
      revision,
    });
  });
}

async function noteVerified(client: ClientBase, { organizationId, appId }: AppRef): Promise<number> {
  const { rows } = await client.query<{ revision: number }>(
    `UPDATE directory SET verified_at = now() WHERE organization_id = $1 AND app_id = $2 RETURNING revision`,
    [organizationId, appId],
  );
  return rows[0]?.revision ?? 0;
}
