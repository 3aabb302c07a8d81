import "server-only";
import type { AppRef } from "@/lib/app-ref";
import { inOrganizationSql, readTogether } from "@/lib/db/unit-of-work";
import type { DingtalkCaller } from "@/lib/dingtalk/call";
import type { Dingtalk } from "@/lib/dingtalk/client";
import { getScopes } from "@/lib/dingtalk/contact-scope";
import { ROOT_DEPARTMENT_ID } from "@/lib/dingtalk/department-id";
import { listSubDepartments } from "@/lib/dingtalk/departments";
import { DingtalkError } from "@/lib/dingtalk/errors";
import { scheduleAppJob } from "@/lib/jobs/send-job";
import { recordRefusal, recordSuccess } from "./app-state";
import { PROBE_INTERVAL_MS } from "./probe-schedule";

// Moves the time on in the same statement, so that only one process probes.
const CLAIM = `
  UPDATE dingtalk_app SET probe_at = $4 WHERE organization_id = $1 AND id = $2
    AND state IN ('degraded', 'broken') AND probe_at <= $3
  RETURNING state_reason ->> 'api' AS api`;

const DUE = "SELECT probe_at FROM dingtalk_app WHERE organization_id = $1 AND id = $2";

/** The way to DingTalk. Given by the caller, since tokens are built on app health. */
export type ProbeAccess = {
  readonly dingtalk: Dingtalk;
  readonly callerOf: (app: AppRef) => Promise<DingtalkCaller>;
};

/** Calls the API that refuses the app once if that is due, and ends the refusal if the call succeeds. */
export async function probeApp(app: AppRef, access: ProbeAccess, signal: AbortSignal): Promise<void> {
  const { now } = access.dingtalk;
  const api = await claimProbe(app, now());
  if (api === null) return;
  const refusal = await callApi(app, api, access, signal);
  const at = new Date(now());
  await inOrganizationSql(app, async (client) => {
    if (!refusal) await recordSuccess(client, app, "allowed", at);
    else await recordRefusal(client, app, refusal, at);
  });
}

/** @returns the API; `null` if no probe is due */
function claimProbe(app: AppRef, nowMs: number): Promise<string | null> {
  const ids = [app.organizationId, app.appId];
  const next = new Date(nowMs + PROBE_INTERVAL_MS);
  return inOrganizationSql(app, async (client) => {
    const { rows } = await client.query<{ api: string | null }>(CLAIM, [...ids, new Date(nowMs), next]);
    if (rows[0]) {
      await scheduleAppJob("app.probe", app, next, client);
      return rows[0].api ?? "";
    }
    const { rows: due } = await client.query<{ probe_at: Date | null }>(DUE, ids);
    if (due[0]?.probe_at) await scheduleAppJob("app.probe", app, due[0].probe_at, client);
    return null;
  });
}

async function callApi(
  app: AppRef,
  api: string,
  { dingtalk, callerOf }: ProbeAccess,
  signal: AbortSignal,
): Promise<DingtalkError | null> {
  const once = { ...dingtalk, triesMax: 1 };
  try {
    const caller = await callerOf(app);
    // The parameters of the refused call are unknown, so this is the nearest call without any.
    if (api === "auth/scopes") await getScopes(once, caller, signal);
    else await listSubDepartments(once, caller, { departmentId: ROOT_DEPARTMENT_ID, signal });
    return null;
  } catch (error) {
    if (!(error instanceof DingtalkError)) throw error;
    // The app may call this API, only not for this department.
    return error.kind === "department_out_of_scope" ? null : error;
  }
}

/** A probe that is this late has lost its job. */
const LATE_MS = 60_000;

const LATE =
  "SELECT id FROM dingtalk_app WHERE organization_id = $1 AND state IN ('degraded', 'broken') AND probe_at < $2";

export async function sweepProbes(organizationId: string, nowMs = Date.now()): Promise<number> {
  const lost = await readTogether<{ id: string }>({ organizationId }, LATE, [
    organizationId,
    new Date(nowMs - LATE_MS),
  ]);
  if (lost.length === 0) return 0;
  const now = new Date(nowMs);
  await inOrganizationSql({ organizationId }, async (client) => {
    for (const { id: appId } of lost)
      await scheduleAppJob("app.probe", { organizationId, appId }, now, client);
  });
  return lost.length;
}
