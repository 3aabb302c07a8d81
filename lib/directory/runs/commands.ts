import "server-only";
import type { AppRef } from "@/lib/app-ref";
import type { Actor } from "@/lib/auth/actor";
import { emailOf, keyNameOf } from "@/lib/auth/actor-name";
import { lockApp } from "@/lib/db/lock-app";
import { inOrganization, type Tx } from "@/lib/db/unit-of-work";
import { notFound } from "@/lib/errors";
import { isUuid } from "@/lib/public-id";
import { err, ok, type Result } from "@/lib/result";
import { cancelRun } from "./cancel-run";
import { type StartedSync, startRun } from "./start-run";

export type { StartedSync } from "./start-run";

/**
 * Starts a background sync, or returns the app's active run, in any mode.
 * @param mode `preview` makes a plan that is stored with the run and never applied
 * @returns the run, or `app_disabled`
 */
export async function startSync(
  actor: Actor<"directory.sync">,
  appId: string,
  { mode = "full" }: { readonly mode?: "full" | "preview" } = {},
): Promise<Result<StartedSync, "app_disabled">> {
  if (!isUuid(appId)) throw notFound("app");
  const { organizationId } = actor;
  return inOrganization(actor, async (tx) => {
    const app = await lockApp(tx, { organizationId, appId });
    if (app.state === "disabled") return err("app_disabled");
    const start = {
      trigger: "manual",
      startedBy: await emailOf(tx, actor),
      startedByKey: await keyNameOf(tx, actor),
      mode,
    } as const;
    return ok(await startRun(tx, { organizationId, appId, ...app }, start));
  });
}

export async function enqueueFirstSync(tx: Tx, ref: AppRef): Promise<StartedSync> {
  const app = await lockApp(tx, ref);
  return startRun(tx, { ...ref, ...app }, { trigger: "first", startedBy: null });
}

/** Cancels a queued or running run. @returns `over` for a run that had ended */
export async function cancelSync(
  actor: Actor<"directory.sync">,
  runId: string,
): Promise<Result<null, "over">> {
  if (!isUuid(runId)) throw notFound("run");
  const { organizationId } = actor;
  return inOrganization(actor, async (tx) => {
    const run = await tx.syncRun.findUnique({
      where: { organizationId_id: { organizationId, id: runId } },
      select: { appId: true },
    });
    if (!run) throw notFound("run");
    const { appId } = run;
    await lockApp(tx, { organizationId, appId });
    return (await cancelRun(tx, { organizationId, appId, runId })) ? ok(null) : err("over");
  });
}
