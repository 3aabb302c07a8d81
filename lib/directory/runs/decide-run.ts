import "server-only";
import type { ClientBase } from "pg";
import type { RunRef } from "@/lib/app-ref";
import type { Actor } from "@/lib/auth/actor";
import { emailOf, keyNameOf } from "@/lib/auth/actor-name";
import { inOrganization, inOrganizationSql, LIMITS, readTogether } from "@/lib/db/unit-of-work";
import { notFound } from "@/lib/errors";
import type { JobHandler } from "@/lib/jobs/handler";
import { endHeldRun } from "@/lib/notices/record-held-run";
import { isUuid } from "@/lib/public-id";
import { err, ok, type Result } from "@/lib/result";
import type { RunState } from "@/prisma/generated/enums";
import { applyChanges } from "../apply/apply-changes";
import { lockDirectory } from "../revision";
import type { HeldReason } from "../sync/guard";
import { announceRun } from "./announce-run";
import type { Decision } from "./run";

export type DecisionInput = {
  readonly decision: Decision;
  /** Kept with the run. */
  readonly reason: string;
  /** With `all`: how many departments and members are removed by it, as whoever decides was shown. */
  readonly removals?: number;
};

export type Decided = {
  /** Changes that were left alone, since their rows had changed after the plan was made. */
  readonly skipped: number;
};

/** Why a decision came to nothing; who was first, or by what the plan was overtaken. */
export type NotDecided =
  | {
      readonly kind: "already_decided";
      readonly decision: Decision;
      readonly decidedBy: string | null;
      readonly decidedByKey: string | null;
      readonly decidedAt: Date;
    }
  | { readonly kind: "superseded"; readonly byRunId: string | null }
  | { readonly kind: "expired" }
  /** It never waited for a decision. */
  | { readonly kind: "not_held" }
  | { readonly kind: "wrong_number"; readonly removals: number };

type HeldRun = {
  readonly appId: string;
  readonly state: RunState;
  readonly heldFor: readonly HeldReason[] | null;
  readonly isOverdue: boolean;
  readonly decision: Decision | null;
  readonly decidedAt: Date | null;
  readonly decidedBy: string | null;
  readonly decidedByKey: string | null;
  readonly supersededById: string | null;
};

/**
 * Decides about a run that waits for a person: applies its plan with or without what it removes, or gives it up. The
 * decision and what it writes are one transaction. Rows that changed since the plan was made are left alone.
 *
 * @throws {AppError} `not_found`
 */
export async function decideRun(
  actor: Actor<"directory.decide">,
  runId: string,
  input: DecisionInput,
): Promise<Result<Decided, NotDecided>> {
  if (!isUuid(runId)) throw notFound("run");
  const { organizationId } = actor;
  const who = await inOrganization(actor, async (tx) => ({
    decidedBy: await emailOf(tx, actor),
    decidedByKey: await keyNameOf(tx, actor),
  }));
  const appId = await inOrganizationSql(actor, (client) => appOf(client, organizationId, runId));
  const run: RunRef = { organizationId, appId, runId };
  return inOrganizationSql(
    actor,
    async (client) => {
      await lockDirectory(client, run);
      const held = await lockRun(client, run);
      if (held.state !== "held" || held.isOverdue) return err(whyNot(held));
      const removals = await countRemovals(client, run);
      if (input.decision === "all" && input.removals !== removals) {
        return err({ kind: "wrong_number", removals });
      }
      return ok(await carryOut(client, run, { ...input, ...who, heldFor: held.heldFor ?? [] }));
    },
    LIMITS.directory,
  );
}

async function appOf(client: ClientBase, organizationId: string, runId: string): Promise<string> {
  const { rows } = await client.query<{ appId: string }>(
    `SELECT app_id AS "appId" FROM sync_run WHERE organization_id = $1 AND id = $2`,
    [organizationId, runId],
  );
  if (!rows[0]) throw notFound("run");
  return rows[0].appId;
}

async function lockRun(client: ClientBase, { organizationId, runId }: RunRef): Promise<HeldRun> {
  const { rows } = await client.query<HeldRun>(
    `SELECT app_id AS "appId", state::text, held_for AS "heldFor", held_until <= now() AS "isOverdue", decision,
       decided_at AS "decidedAt", decided_by AS "decidedBy", decided_by_key AS "decidedByKey",
       superseded_by_id AS "supersededById"
     FROM sync_run WHERE organization_id = $1 AND id = $2 FOR UPDATE`,
    [organizationId, runId],
  );
  if (!rows[0]) throw notFound("run");
  return rows[0];
}

function whyNot(run: HeldRun): NotDecided {
  const { decision, decidedAt, decidedBy, decidedByKey, supersededById } = run;
  if (decision !== null && decidedAt !== null) {
    return { kind: "already_decided", decision, decidedBy, decidedByKey, decidedAt };
  }
  if (run.state === "superseded") return { kind: "superseded", byRunId: supersededById };
  if (run.state === "expired" || run.isOverdue) return { kind: "expired" };
  return { kind: "not_held" };
}

async function countRemovals(client: ClientBase, { organizationId, runId }: RunRef): Promise<number> {
  const { rows } = await client.query<{ n: number }>(
    `SELECT count(*)::int AS n FROM directory_change
     WHERE organization_id = $1 AND set_id = $2 AND kind = 'removed' AND outcome IS NULL`,
    [organizationId, runId],
  );
  return rows[0]?.n ?? 0;
}

type CarryOut = DecisionInput & {
  readonly decidedBy: string | null;
  readonly decidedByKey: string | null;
  readonly heldFor: readonly HeldReason[];
};

async function carryOut(client: ClientBase, run: RunRef, decided: CarryOut): Promise<Decided> {
  const { organizationId, appId, runId } = run;
  const { decision, reason, decidedBy, decidedByKey } = decided;
  if (decision === "without_removals") await leaveOutRemovals(client, run);
  const applied =
    decision === "rejected" ? null : await applyChanges(client, { organizationId, appId, setId: runId });
  await client.query(
    `UPDATE sync_run SET state = $3::"RunState", decision = $4, decided_at = now(), decided_by = $5, decided_by_key = $6,
       decision_reason = $7, revision = $8
     WHERE organization_id = $1 AND id = $2`,
    [
      organizationId,
      runId,
      decision === "rejected" ? "rejected" : "succeeded",
      decision,
      decidedBy,
      decidedByKey,
      reason,
      applied?.revision ?? null,
    ],
  );
  if (decision === "all") await takeScope(client, run, decided.heldFor);
  await endHeldRun(client, run, new Date());
  await announceRun(client, run);
  return { skipped: applied?.skipped ?? 0 };
}

async function leaveOutRemovals(client: ClientBase, { organizationId, runId }: RunRef): Promise<void> {
  await client.query(
    `UPDATE directory_change SET outcome = 'left_out'
     WHERE organization_id = $1 AND set_id = $2 AND kind = 'removed' AND outcome IS NULL`,
    [organizationId, runId],
  );
}

/** What was held for a smaller scope and was wanted makes that scope the one to which later ones are compared. */
async function takeScope(
  client: ClientBase,
  { organizationId, appId }: RunRef,
  heldFor: readonly HeldReason[],
): Promise<void> {
  const scope = heldFor
    .map((reason) => ("scope" in reason ? reason.scope : null))
    .find((each) => each !== null);
  if (!scope) return;
  await client.query(`UPDATE directory SET scope = $3 WHERE organization_id = $1 AND app_id = $2`, [
    organizationId,
    appId,
    JSON.stringify(scope),
  ]);
}

/** Works off the queue `run.expire`. */
export const expireRunsJob: JobHandler<"run.expire"> = async ({ organizationId }) => {
  await expireHeldRuns(organizationId);
};

const OVERDUE = `
  SELECT EXISTS (SELECT FROM sync_run WHERE organization_id = $1 AND state = 'held' AND held_until <= now()) AS "isOverdue"`;

/** Ends what waited for a decision for too long. @returns how many of an organization's runs that were */
export async function expireHeldRuns(organizationId: string): Promise<number> {
  const [answer] = await readTogether<{ isOverdue: boolean }>({ organizationId }, OVERDUE, [organizationId]);
  if (!answer?.isOverdue) return 0;
  return inOrganizationSql({ organizationId }, async (client) => {
    const { rows } = await client.query<{ appId: string; runId: string }>(
      `UPDATE sync_run SET state = 'expired' WHERE organization_id = $1 AND state = 'held' AND held_until <= now()
       RETURNING app_id AS "appId", id AS "runId"`,
      [organizationId],
    );
    for (const row of rows) {
      const run = { organizationId, ...row };
      await endHeldRun(client, run, new Date());
      await announceRun(client, run);
    }
    return rows.length;
  });
}
