import "server-only";
import type { AppRef } from "@/lib/app-ref";
import { inOrganizationSql } from "@/lib/db/unit-of-work";
import type { DingtalkCaller } from "@/lib/dingtalk/call";
import type { Dingtalk } from "@/lib/dingtalk/client";
import { listSubDepartments } from "@/lib/dingtalk/departments";
import { DingtalkError } from "@/lib/dingtalk/errors";
import { getScopes } from "@/lib/dingtalk/scopes";
import { callerOf } from "@/lib/tokens/dingtalk-caller";
import { PROBE_EVERY_MS } from "@/lib/tokens/renewal/breaker";
import { type Keeper, ourKeeper } from "@/lib/tokens/renewal/token-service";
import { ourDingtalk } from "@/lib/upstream/our-dingtalk";
import { noteSuccess } from "./record-outcome";
import { noteRefusal } from "./record-refusal";
import { scheduleProbe } from "./schedule-probe";

const ROOT = "1";

// Whoever finds the time come puts it off, and probes: one for all processes.
const CLAIM = `
  UPDATE dingtalk_app SET probe_at = $4 WHERE organization_id = $1 AND id = $2
    AND state IN ('degraded', 'broken') AND probe_at <= $3
  RETURNING state_reason ->> 'api' AS api`;

const DUE = "SELECT probe_at FROM dingtalk_app WHERE organization_id = $1 AND id = $2";

type Probing = { readonly keeper: Keeper; readonly dingtalk: Dingtalk; readonly signal: AbortSignal };

/**
 * Calls the API that refuses the app once, if it is time for that: the app recovers when it doesn't any more.
 * One that is not refused, gone or disabled has nothing to be probed.
 */
export async function probeApp(
  app: AppRef,
  signal: AbortSignal,
  { keeper, dingtalk }: Omit<Probing, "signal"> = { keeper: ourKeeper(), dingtalk: ourDingtalk() },
): Promise<void> {
  const api = await claimProbe(app, keeper.now());
  if (api === null) return;
  const refusal = await refusalOf(app, api, { keeper, dingtalk, signal });
  const at = new Date(keeper.now());
  await inOrganizationSql(app, async (client) => {
    if (!refusal) await noteSuccess(client, app, "allowed", at);
    else await noteRefusal(client, app, refusal, at);
  });
}

/** @returns the API; `null` when there is nothing to do now */
function claimProbe(app: AppRef, nowMs: number): Promise<string | null> {
  const ids = [app.organizationId, app.appId];
  const next = new Date(nowMs + PROBE_EVERY_MS);
  return inOrganizationSql(app, async (client) => {
    const { rows } = await client.query<{ api: string | null }>(CLAIM, [...ids, new Date(nowMs), next]);
    if (rows[0]) {
      await scheduleProbe(app, next, client);
      return rows[0].api ?? "";
    }
    const { rows: due } = await client.query<{ probe_at: Date | null }>(DUE, ids);
    if (due[0]?.probe_at) await scheduleProbe(app, due[0].probe_at, client);
    return null;
  });
}

/** Why the app is still refused; `null` when it isn't. */
async function refusalOf(app: AppRef, api: string, probing: Probing): Promise<DingtalkError | null> {
  const { keeper, dingtalk, signal } = probing;
  try {
    await ask(api, { ...dingtalk, triesMax: 1 }, await callerOf(app, app.appId, keeper), signal);
    return null;
  } catch (error) {
    if (!(error instanceof DingtalkError)) throw error;
    // It is allowed to ask, though not about this department
    return error.kind === "department_out_of_scope" ? null : error;
  }
}

/** One call, as near to the one that was refused as it can be made without knowing what it asked for. */
async function ask(
  api: string,
  dingtalk: Dingtalk,
  caller: DingtalkCaller,
  signal: AbortSignal,
): Promise<unknown> {
  return api === "auth/scopes"
    ? getScopes(dingtalk, caller, signal)
    : listSubDepartments(dingtalk, caller, { departmentId: ROOT, signal });
}
