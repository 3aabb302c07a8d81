import "server-only";
import type { ClientBase } from "pg";
import { v7 as newId } from "uuid";
import type { AppRef, RunRef } from "@/lib/app-ref";
import { databaseTime } from "@/lib/db/database-time";
import { type LockedApp, lockAppRow } from "@/lib/db/lock-app";
import { endHeldRun, recordHeldRun } from "@/lib/notices/record-held-run";
import type { ChangeSetRef } from "../apply/change-set";
import { HELD_MS, scheduleExpiry } from "../runs/held-runs";
import { recordRunEvent } from "../runs/record-run-event";
import { RunIsOver } from "../runs/run-errors";
import type { HeldReason } from "../runs/run-reasons";
import { announceRun } from "../runs/run-records";
import { passedThresholds, type Removals, type Thresholds } from "../sync/removal-guard";
import type { ReadObjects } from "./read-objects";

/** Counts removals by events: those of the last 24 hours, those that wait for approval, and those of a new set ($3). */
const REMOVALS = `
  WITH removal AS (
    SELECT c.object::text, s.applied_at IS NOT NULL AS is_applied FROM change_set s
    JOIN directory_change c ON c.organization_id = $1 AND c.set_id = s.id AND c.kind = 'removed' AND c.outcome IS NULL
    WHERE s.organization_id = $1 AND s.app_id = $2 AND s.cause = 'event' AND s.applied_at > now() - interval '24 hours'
    UNION ALL
    SELECT c.object::text, false FROM directory_change c
    WHERE c.organization_id = $1 AND c.kind = 'removed' AND c.outcome IS NULL
      AND c.set_id IN ($3, (SELECT id FROM sync_run r WHERE r.organization_id = $1 AND r.app_id = $2
        AND r.state = 'held' AND r.trigger = 'event' ORDER BY number DESC LIMIT 1))
  )
  SELECT (count(*) FILTER (WHERE object = 'department'))::int AS departments,
    (count(*) FILTER (WHERE object = 'member'))::int AS members,
    (count(*) FILTER (WHERE object = 'department' AND is_applied))::int AS "departmentsApplied",
    (count(*) FILTER (WHERE object = 'member' AND is_applied))::int AS "membersApplied",
    (SELECT count(*) FROM department WHERE organization_id = $1 AND app_id = $2 AND removed_at IS NULL)::int
      AS "departmentsLeft",
    (SELECT count(*) FROM member WHERE organization_id = $1 AND app_id = $2 AND removed_at IS NULL)::int AS "membersLeft"
  FROM removal`;

type Counted = Pick<Removals, "departments" | "members"> &
  Readonly<Record<"departmentsApplied" | "membersApplied" | "departmentsLeft" | "membersLeft", number>>;

const HAS_REMOVALS = `
  SELECT FROM directory_change WHERE organization_id = $1 AND set_id = $2 AND kind = 'removed' AND outcome IS NULL LIMIT 1`;

/**
 * Moves a set's removals to the app's held run if the removals by events within 24 hours exceed the app's limits. The
 * set keeps its other changes. Call it in the transaction that applies the set, before that.
 *
 * @returns the held run; `null` if nothing is held
 */
export async function holdRemovals(
  client: ClientBase,
  set: ChangeSetRef,
  thresholds: Thresholds,
): Promise<string | null> {
  const { organizationId, appId, setId } = set;
  if ((await client.query(HAS_REMOVALS, [organizationId, setId])).rowCount === 0) return null;
  const { rows } = await client.query<Counted>(REMOVALS, [organizationId, appId, setId]);
  const [counted] = rows;
  if (!counted) return null;
  const reasons = passedThresholds(
    {
      departments: counted.departments,
      departmentsOf: counted.departmentsLeft + counted.departmentsApplied,
      members: counted.members,
      membersOf: counted.membersLeft + counted.membersApplied,
    },
    thresholds,
  );
  if (reasons.length === 0) return null;
  const app = await lockAppRow(client, set);
  if (!app) throw new RunIsOver();
  const run = (await lockHeldRun(client, set)) ?? (await createHeldRun(client, set, { app, reasons }));
  await moveRemovals(client, set, run);
  await recordCounts(client, run, reasons);
  return run.runId;
}

const HELD_RUN = `
  SELECT id AS "runId" FROM sync_run
  WHERE organization_id = $1 AND app_id = $2 AND state = 'held' AND trigger = 'event' AND held_until > now()
  ORDER BY number DESC LIMIT 1`;

/** Locks the app's held run. Lock the app before, as `lockApp` demands. */
async function lockHeldRun(client: ClientBase, { organizationId, appId }: AppRef): Promise<RunRef | null> {
  const { rows } = await client.query<{ runId: string }>(`${HELD_RUN} FOR UPDATE`, [organizationId, appId]);
  return rows[0] ? { organizationId, appId, runId: rows[0].runId } : null;
}

const CREATE = `
  INSERT INTO sync_run (organization_id, id, app_id, number, state, trigger, mode, queued_at, started_at, finished_at,
    is_complete, held_for, held_until)
  VALUES ($1, $2, $3, $4, 'held', 'event', 'full', $5, $5, $5, true, $6, $7)`;

type NewRun = { readonly app: Pick<LockedApp, "runsMade">; readonly reasons: readonly HeldReason[] };

async function createHeldRun(
  client: ClientBase,
  { organizationId, appId }: AppRef,
  { app, reasons }: NewRun,
): Promise<RunRef> {
  const run = { organizationId, appId, runId: newId() };
  const at = await databaseTime(client);
  const until = new Date(at.getTime() + HELD_MS);
  const values = [organizationId, run.runId, appId, app.runsMade + 1, at, JSON.stringify(reasons), until];
  await client.query(CREATE, values);
  await client.query(
    `UPDATE dingtalk_app SET runs_made = runs_made + 1 WHERE organization_id = $1 AND id = $2`,
    [organizationId, appId],
  );
  await client.query(
    `INSERT INTO change_set (organization_id, id, app_id, cause) VALUES ($1, $2, $3, 'run')`,
    [organizationId, run.runId, appId],
  );
  await scheduleExpiry(client, run, until);
  await recordHeldRun(client, run, at);
  const heldFor = reasons.map(({ kind }) => kind);
  await recordRunEvent(client, run, { type: "sync.held", at, data: { heldFor } });
  return run;
}

/** A removal that is held already is replaced, because its row may have changed. */
const DROP_HELD = `
  DELETE FROM directory_change h USING directory_change c
  WHERE h.organization_id = $1 AND h.set_id = $3 AND c.organization_id = $1 AND c.set_id = $2
    AND c.kind = 'removed' AND c.outcome IS NULL AND c.object = h.object AND c.object_id = h.object_id`;

const MOVE = `
  UPDATE directory_change c SET set_id = $3, number = m.number
  FROM (SELECT number AS old, coalesce((SELECT max(number) FROM directory_change WHERE organization_id = $1 AND set_id = $3), 0)
      + row_number() OVER (ORDER BY number) AS number
    FROM directory_change WHERE organization_id = $1 AND set_id = $2 AND kind = 'removed' AND outcome IS NULL) m
  WHERE c.organization_id = $1 AND c.set_id = $2 AND c.number = m.old`;

async function moveRemovals(
  client: ClientBase,
  { organizationId, setId }: ChangeSetRef,
  { runId }: RunRef,
): Promise<void> {
  for (const statement of [DROP_HELD, MOVE]) await client.query(statement, [organizationId, setId, runId]);
}

const COUNT = `
  UPDATE sync_run SET held_for = coalesce($3, held_for),
    removed = (SELECT count(*) FROM directory_change c WHERE c.organization_id = $1 AND c.set_id = $2
      AND c.object = 'department' AND c.outcome IS NULL),
    members_removed = (SELECT count(*) FROM directory_change c WHERE c.organization_id = $1 AND c.set_id = $2
      AND c.object = 'member' AND c.outcome IS NULL)
  WHERE organization_id = $1 AND id = $2 RETURNING removed + members_removed AS held`;

/** @returns the number of removals that wait */
async function recordCounts(
  client: ClientBase,
  run: RunRef,
  reasons: readonly HeldReason[] | null,
): Promise<number> {
  const { organizationId, runId } = run;
  const { rows } = await client.query<{ held: number }>(COUNT, [
    organizationId,
    runId,
    reasons && JSON.stringify(reasons),
  ]);
  await announceRun(client, run);
  return rows[0]?.held ?? 0;
}

const RELEASE = `
  DELETE FROM directory_change WHERE organization_id = $1 AND set_id = $2 AND outcome IS NULL
    AND ((object = 'department' AND object_id = ANY($3::text[])) OR (object = 'member' AND object_id = ANY($4::text[])))`;

/** Takes objects that exist again out of the held run, so that approving it can't remove them. */
export async function releaseFound(
  client: ClientBase,
  app: AppRef,
  { departments, members }: Pick<ReadObjects, "departments" | "members">,
): Promise<void> {
  const held = await client.query(HELD_RUN, [app.organizationId, app.appId]);
  if (held.rowCount === 0) return;
  await lockAppRow(client, app);
  const run = await lockHeldRun(client, app);
  if (run === null) return;
  const { rowCount } = await client.query(RELEASE, [
    run.organizationId,
    run.runId,
    [...departments.keys()],
    [...members.keys()],
  ]);
  if (rowCount === 0 || (await recordCounts(client, run, null)) > 0) return;
  await client.query(`UPDATE sync_run SET state = 'superseded' WHERE organization_id = $1 AND id = $2`, [
    run.organizationId,
    run.runId,
  ]);
  await endHeldRun(client, run, new Date());
}
