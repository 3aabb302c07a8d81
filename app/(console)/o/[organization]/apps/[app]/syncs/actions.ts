"use server";

import { revalidatePath } from "next/cache";
import { redirect } from "next/navigation";
import { z } from "zod";
import { defineAction } from "@/lib/actions/define-action";
import { cancelSync, startSync } from "@/lib/directory/commands";
import { toPublicId } from "@/lib/public-id";
import { err, ok } from "@/lib/result";

export const startSyncAction = defineAction(
  {
    permission: "directory.sync",
    input: z.object({ app: z.string(), mode: z.enum(["full", "preview"]).optional() }),
  },
  async (actor, { app, mode }) => {
    const started = await startSync(actor, app, mode);
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
