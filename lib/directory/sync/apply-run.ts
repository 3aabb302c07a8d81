import "server-only";
import type { ClientBase } from "pg";
import type { RunRef } from "@/lib/app-ref";
import { holdApp } from "@/lib/db/lock-app";
import { inOrganizationSql, LIMITS } from "@/lib/db/unit-of-work";
import { endHeldRun } from "@/lib/notices/record-held-run";
import { applyChanges } from "../apply/apply-changes";
import { noteDetailsRead } from "../apply/apply-departments";
import type { RemovalReason } from "../changes/states";
import { announceRun } from "../runs/announce-run";
import { RunIsOver } from "../runs/run-failures";
import {
  type BegunRun,
  endRun,
  NOTHING_COUNTED,
  type RunCounters,
  type RunCounts,
  requireActive,
} from "../runs/run-records";
import { type HeldReason, heldFor } from "./guard";
import { type HeldDepartment, planChanges } from "./plan/diff-departments";
import { type MemberCounts, type MemberRemovals, storeMemberPlan } from "./plan/diff-members";
import { storeDepartmentPlan } from "./plan/store-plan";
import { keepSeenPlaces } from "./plan/walk-members";
import type { ReadDirectory } from "./read/read-directory";
import type { DirectoryBefore } from "./read/stored-directory";

/** What a run has found out, and what is to be done about it. */
export type PlannedRun = {
  readonly read: ReadDirectory;
  readonly counts: RunCounts;
  /** Why it waits for a person; nothing where it may be applied. */
  readonly heldFor: readonly HeldReason[];
};

/**
 * Compares what was read with what is held, and stores what differs with the run. Nothing is changed by it.
 *
 * @throws {RunIsOver} when the app is gone; nothing is stored
 */
export function planRun(
  run: BegunRun,
  read: ReadDirectory,
  held: ReadonlyMap<string, HeldDepartment>,
): Promise<RunCounts> {
  const removals = read.incompleteFor === null ? removalsOf(read) : new Map<string, RemovalReason>();
  const plan = planChanges(held, {
    departments: read.departments,
    removals,
    isBrief: read.strategy === "whole",
  });
  const membersRead = read.membersIncompleteFor?.kind !== "members_not_permitted";
  return inOrganizationSql(
    run,
    async (client) => {
      const stored = await storeDepartmentPlan(client, run, plan);
      const members = membersRead
        ? await planMembers(client, run, { read, stored })
        : NOTHING_COUNTED.members;
      if (!(await holdApp(client, run))) throw new RunIsOver();
      return { departments: plan.counts, members };
    },
    LIMITS.directory,
  );
}

async function planMembers(
  client: ClientBase,
  run: BegunRun,
  { read, stored }: { readonly read: ReadDirectory; readonly stored: number },
): Promise<MemberCounts> {
  await keepSeenPlaces(client, run, read.departments);
  return storeMemberPlan(client, run, {
    walkId: run.walkId,
    stored,
    gone: [...read.gone, ...read.excluded],
    removals: memberRemovalsOf(read),
  });
}

const because = (reason: RemovalReason, ids: Iterable<string>) =>
  [...ids].map((id): [string, RemovalReason] => [id, reason]);

function removalsOf(read: ReadDirectory): Map<string, RemovalReason> {
  return new Map([
    ...because("unproven", read.unproven),
    ...because("excluded", read.excluded),
    ...because("out_of_scope", read.outOfScope),
    ...because("gone", read.gone),
  ]);
}

function memberRemovalsOf(read: ReadDirectory): MemberRemovals | null {
  if (read.incompleteFor !== null || read.membersIncompleteFor !== null) return null;
  const reasons = new Map([
    ...because("unproven", read.unprovenMembers),
    ...because("out_of_scope", read.outOfScopeMembers),
    ...because("gone", read.goneMembers),
  ]);
  return { reasons, excluded: read.excluded };
}

/** Says why a planned run is not to be applied before a person has seen it. */
export async function checkRun(
  run: RunRef,
  planned: Pick<PlannedRun, "read" | "counts">,
  before: DirectoryBefore,
): Promise<HeldReason[]> {
  const { read, counts } = planned;
  const { departments, members } = await countHeld(run);
  const removals = {
    departments: counts.departments.removed,
    departmentsOf: departments,
    members: counts.members.removed,
    membersOf: members,
  };
  return heldFor({ read, scopeBefore: before.scope, removals }, before.settings);
}

async function countHeld({ organizationId, appId }: RunRef) {
  const { rows } = await inOrganizationSql({ organizationId }, (client) =>
    client.query<{ departments: number; members: number }>(
      `SELECT (SELECT count(*) FROM department WHERE organization_id = $1 AND app_id = $2 AND removed_at IS NULL)::int
           AS departments,
         (SELECT count(*) FROM member WHERE organization_id = $1 AND app_id = $2 AND removed_at IS NULL)::int AS members`,
      [organizationId, appId],
    ),
  );
  return rows[0] ?? { departments: 0, members: 0 };
}

/**
 * Ends a planned run: applies its plan, or holds it. All of it is one transaction: a reader sees the old tree or the
 * new one, and a worker that is killed or was replaced leaves the old one.
 *
 * @throws {RunIsOver} when the run is not the app's any more; nothing is written
 */
export function finishRun(run: BegunRun, planned: PlannedRun, counters: RunCounters): Promise<void> {
  const { read, counts } = planned;
  const { isComplete, error } = completenessOf(read);
  const isHeld = planned.heldFor.length > 0 && run.mode !== "preview";
  const { strategy, leastCalls } = read;
  return inOrganizationSql(
    run,
    async (client) => {
      await requireActive(client, run);
      const end = { isComplete, counters, counts, strategy, leastCalls };
      if (run.mode === "preview")
        return void (await endRun(client, run, { ...end, state: "succeeded", error, isPreview: true }));
      if (isHeld) {
        await endRun(client, run, { ...end, state: "held", error: null, heldFor: planned.heldFor });
      } else {
        const { revision } = await applyChanges(client, { ...run, setId: run.runId });
        await noteDetailsRead({ client, set: { ...run, setId: run.runId } }, detailsReadIn(read));
        if (isComplete) await noteComplete(client, run, read);
        await endRun(client, run, { ...end, state: "succeeded", error, revision });
      }
      if (isComplete) await supersedeHeld(client, run);
    },
    LIMITS.directory,
  );
}

/** Without the permission for members all that may be read was read, and the run says so. */
function completenessOf({ incompleteFor, membersIncompleteFor }: ReadDirectory) {
  const error = incompleteFor ?? membersIncompleteFor;
  return { isComplete: error === null || error.kind === "members_not_permitted", error };
}

const detailsReadIn = ({ departments }: ReadDirectory): string[] =>
  [...departments].filter(([, { details }]) => details !== null).map(([id]) => id);

async function noteComplete(client: ClientBase, run: RunRef, { scope }: ReadDirectory): Promise<void> {
  await client.query(
    `UPDATE directory SET scope = $3, full_at = now(), verified_at = now() WHERE organization_id = $1 AND app_id = $2`,
    [run.organizationId, run.appId, JSON.stringify(scope)],
  );
}

/** A held plan is replaced by a newer complete one, whether that is held itself or not. */
async function supersedeHeld(client: ClientBase, run: RunRef): Promise<void> {
  const { organizationId, appId, runId } = run;
  const { rows } = await client.query<{ id: string }>(
    `UPDATE sync_run SET state = 'superseded', superseded_by_id = $3
     WHERE organization_id = $1 AND app_id = $2 AND state = 'held' AND id <> $3 RETURNING id`,
    [organizationId, appId, runId],
  );
  for (const { id } of rows) {
    const replaced = { organizationId, appId, runId: id };
    await endHeldRun(client, replaced, new Date());
    await announceRun(client, replaced);
  }
}
