import "server-only";
import { failureClassOf } from "@/lib/app-health/failure-class";
import { nextProbeAt } from "@/lib/app-health/probe-schedule";
import type { Actor } from "@/lib/auth/actor";
import { emailOf } from "@/lib/auth/actor-name";
import { lockTokenAndApp } from "@/lib/db/lock-app";
import { inOrganization } from "@/lib/db/unit-of-work";
import { isTokenApi } from "@/lib/dingtalk/access-token";
import type { DingtalkErrorKind } from "@/lib/dingtalk/error-kinds";
import { cancelRun } from "@/lib/directory/runs/cancel-run";
import { dropQueuedSync } from "@/lib/directory/runs/queue";
import { checkScheduleNow, unscheduleSync } from "@/lib/directory/runs/schedule";
import { scheduleAppJob } from "@/lib/jobs/send-job";
import { recordState } from "@/lib/notices/record-state";
import { clearToken, discardToken } from "@/lib/tokens/renewal/discard-token";
import type { AppState } from "@/prisma/generated/enums";
import { announceApp } from "./announce-app";
import { assertAppId } from "./queries";
import { markVerified, readCredentials } from "./retest-app";
import type { ConnectionTest, Fault } from "./schema";
import { testWithinLimits } from "./test-within-limits";

/** Disables an app: deletes its token, cancels its run and ends its schedule. Directory, runs and secret stay. */
export async function disableApp(actor: Actor<"app.change">, appId: string): Promise<void> {
  assertAppId(appId);
  const { organizationId } = actor;
  await inOrganization(actor, async (tx) => {
    const { activeRunId, state } = await lockTokenAndApp(tx, { organizationId, appId });
    if (state === "disabled") return;
    await clearToken(tx, organizationId, appId);
    await dropQueuedSync(tx, { organizationId, appId });
    await unscheduleSync(tx, { organizationId, appId });
    if (activeRunId) {
      await cancelRun(tx, { organizationId, appId, runId: activeRunId }, { kind: "app_disabled" });
    }
    const by = await emailOf(tx, actor);
    await tx.$executeRaw`
      UPDATE dingtalk_app SET state = 'disabled', state_since = now(), state_reason = NULL, disabled_at = now(),
        disabled_by = ${by}, probe_at = NULL, updated_at = now()
      WHERE organization_id = ${organizationId}::uuid AND id = ${appId}::uuid`;
    await recordState(tx, { organizationId, appId }, { state: "disabled", reason: null, at: new Date() });
    await announceApp(tx, { organizationId, appId });
  });
}

type AfterFailure = { readonly state: AppState; readonly probeAt: Date | null };

/** Returns the state of an enabled app whose test failed. An app that never worked becomes a draft again. */
function afterFailure(fault: Fault | null, hasWorked: boolean, at: Date): AfterFailure {
  if (!hasWorked) return { state: "draft", probeAt: null };
  // `toFault` made this fault from a `DingtalkError`, so its kind is valid
  const failureClass = fault ? failureClassOf({ kind: fault.kind as DingtalkErrorKind }) : "transient";
  if (failureClass === "credentials") return { state: "broken", probeAt: null };
  if (failureClass === "transient" || fault === null || isTokenApi(fault.api))
    return { state: "degraded", probeAt: null };
  return { state: "degraded", probeAt: nextProbeAt(failureClass, null, at) };
}

/** Enables a disabled app after a connection test, which decides its state. @throws {AppError} `rate_limited` */
export async function enableApp(
  actor: Actor<"app.change">,
  appId: string,
  address: string,
): Promise<ConnectionTest> {
  const { organizationId } = actor;
  const outcome = await testWithinLimits(organizationId, address, await readCredentials(actor, appId));
  await inOrganization(actor, async (tx) => {
    const { state } = await lockTokenAndApp(tx, { organizationId, appId });
    if (state !== "disabled") return;
    const where = { organizationId_id: { organizationId, id: appId } };
    const { verifiedAt } = await tx.dingtalkApp.findUniqueOrThrow({ where, select: { verifiedAt: true } });
    const fault = outcome.test.checks.find((check) => check.fault !== null)?.fault ?? null;
    const at = new Date();
    const next = afterFailure(fault, verifiedAt !== null, at);
    await tx.dingtalkApp.update({
      where,
      data: {
        ...next,
        stateSince: at,
        ...(fault && { stateReason: fault }),
        disabledAt: null,
        disabledBy: null,
      },
    });
    const app = { organizationId, appId };
    await announceApp(tx, app);
    if (outcome.test.isPassed) return markVerified(tx, organizationId, appId, outcome);
    await checkScheduleNow(tx, app);
    await recordState(tx, app, { state: next.state, reason: fault && JSON.stringify(fault), at });
    // Lets the renewal run immediately
    if (next.state === "degraded") await discardToken(tx, organizationId, appId);
    if (next.probeAt) await scheduleAppJob("app.probe", app, next.probeAt, tx);
  });
  return outcome.test;
}
