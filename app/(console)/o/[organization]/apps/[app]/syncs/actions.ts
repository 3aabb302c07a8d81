"use server";

import { revalidatePath } from "next/cache";
import { redirect } from "next/navigation";
import { z } from "zod";
import type { FormFailure } from "@/lib/action-state";
import { defineAction } from "@/lib/actions/define-action";
import { cancelSync } from "@/lib/directory/runs/cancel-run";
import { type DecisionRefusal, decideRun } from "@/lib/directory/runs/decide-run";
import { decisionInput } from "@/lib/directory/runs/schema";
import { startSync } from "@/lib/directory/runs/start-run";
import { toPublicId } from "@/lib/public-id";
import { err, ok } from "@/lib/result";

export const startSyncAction = defineAction(
  {
    permission: "directory.sync",
    input: z.object({ app: z.string(), mode: z.enum(["full", "preview"]).optional() }),
  },
  async (actor, { app, mode }) => {
    const started = await startSync(actor, app, mode ? { mode } : {});
    if (!started.ok) return err({ message: { key: "sync.disabled" } });
    const { runId, already } = started.value;
    const run = `/o/${toPublicId(actor.organizationId)}/apps/${app}/syncs/${runId}`;
    redirect(already ? `${run}?already=1` : run);
  },
);

export const cancelSyncAction = defineAction(
  { permission: "directory.sync", input: z.object({ run: z.string() }) },
  async (actor, { run }) => {
    const cancelled = await cancelSync(actor, run);
    revalidatePath("/o/[organization]/apps/[app]/syncs/[run]", "page");
    return cancelled.ok ? ok(null) : err({ message: { key: "sync.over" } });
  },
);

/** Translates why a decision was refused, for example because somebody else decided first. */
function toFailure(why: DecisionRefusal): FormFailure {
  switch (why.kind) {
    case "already_decided": {
      const who = why.decidedByKey ?? why.decidedBy ?? "";
      return { message: { key: `held.first.${why.decision}`, values: { who } } };
    }
    case "wrong_number": {
      const typed = { key: "held.notTheNumber", values: { n: why.removals } };
      return { message: { key: "validation.form" }, fieldErrors: { typed } };
    }
    default:
      return { message: { key: `held.not.${why.kind}` } };
  }
}

export const decideRunAction = defineAction(
  { permission: "directory.decide", input: decisionInput, isDangerous: true },
  async (actor, { run, decision, reason, typed }) => {
    const decided = await decideRun(actor, run, {
      decision,
      reason,
      ...(typed !== undefined && { removals: typed }),
    });
    if (!decided.ok) return err(toFailure(decided.error));
    revalidatePath("/o/[organization]", "layout");
    return ok(decided.value);
  },
);
