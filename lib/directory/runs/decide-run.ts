import "server-only";
import type { ClientBase } from "pg";
import type { RunRef } from "@/lib/app-ref";
import type { Actor } from "@/lib/auth/actor";
import { emailOf, keyNameOf } from "@/lib/auth/actor-name";
import { LIMITS } from "@/lib/db/time-limits";
import { inOrganization, inOrganizationSql } from "@/lib/db/unit-of-work";
import { notFound } from "@/lib/errors";
import { endHeldRun } from "@/lib/notices/record-held-run";
import { isUuid } from "@/lib/public-id";
import { err, ok, type Result } from "@/lib/result";
import type { RunState } from "@/prisma/generated/enums";
import { applyChanges } from "../apply/apply-changes";
import { lockDirectory } from "../revision";
import { recordRunEvent } from "./record-run-event";
import type { Decision } from "./run";
import type { HeldReason } from "./run-reasons";
import { announceRun } from "./run-records";

export type DecisionInput = {
  readonly decision: Decision;
  readonly reason: string;
  /** Required with `all`: the number of removals that the person was shown. */
  readonly removals?: number;
};

export type Decided = {
  /** Changes that were not applied because their rows had changed since the plan was made. */
  readonly skipped: number;
};

export type DecisionRefusal =
  | {
      readonly kind: "already_decided";
      readonly decision: Decision;
      readonly decidedBy: string | null;
      readonly decidedByKey: string | null;
      readonly decidedAt: Date;
    }
  | { readonly kind: "superseded"; readonly byRunId: string | null }
  | { readonly kind: "expired" }
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
 * Decides about a held run: applies its plan with or without the removals, or rejects it. Skips rows that changed
 * since.
 */
export async function decideRun(
  actor: Actor<"directory.decide">,
  runId: string,
  input: DecisionInput,
): Promise<Result<Decided, DecisionRefusal>> {
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
      if (held.state !== "held" || held.isOverdue) return err(refusalOf(held));
      const removals = await countRemovals(client, run);
      if (input.decision === "all" && input.removals !== removals) {
        return err({ kind: "wrong_number", removals });
      }
      return ok(await applyDecision(client, run, { ...input, ...who, heldFor: held.heldFor ?? [] }));
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

function refusalOf(run: HeldRun): DecisionRefusal {
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

type MadeDecision = DecisionInput & {
  readonly decidedBy: string | null;
  readonly decidedByKey: string | null;
  readonly heldFor: readonly HeldReason[];
};

async function applyDecision(client: ClientBase, run: RunRef, made: MadeDecision): Promise<Decided> {
  const { organizationId, appId, runId } = run;
  const { decision, reason, decidedBy, decidedByKey } = made;
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
  if (decision === "all") await acceptScope(client, run, made.heldFor);
  await endHeldRun(client, run, new Date());
  if (applied) {
    const data = { revision: applied.revision };
    await recordRunEvent(client, run, { type: "sync.succeeded", at: new Date(), data });
  }
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

/** Makes the smaller scope of an approved run the one to which the scopes of later runs are compared. */
async function acceptScope(
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
