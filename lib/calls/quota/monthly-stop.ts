import "server-only";
import type { AppRef } from "@/lib/app-ref";
import { inOrganizationSql, type Tx } from "@/lib/db/unit-of-work";
import { DingtalkError } from "@/lib/dingtalk/errors";
import { AppError } from "@/lib/errors";
import type { BeginningCall } from "@/lib/gateway/report";
import { log } from "@/lib/log";
import { endQuotaNotices } from "@/lib/notices/record-quota";
import { processWide } from "@/lib/process-wide";
import type { Call } from "../call";
import { isBillable } from "./billable";
import { unwrittenOf } from "./count-calls";
import { monthEndMs, monthOf } from "./month";
import { isUsedUp } from "./quota";
import { isFresh, type QuotaMemory, quotaMemory } from "./quota-memory";

/** A reason to refuse billable calls until `untilMs`: the app's quota or the key's share is used up. */
export type MonthlyStop = { readonly because: "used_up" | "share"; readonly untilMs: number };

export type QuotaRequest = Pick<Call, "organizationId" | "appId" | "host" | "path"> & {
  readonly keyId: string;
};

const READ_APP = `SELECT quota_used_up_at AS "usedUpAt" FROM dingtalk_app WHERE organization_id = $1 AND id = $2`;

const READ_KEY = `
  SELECT k.monthly_share AS share, coalesce(sum(m.charged), 0)::int AS used
  FROM api_key k LEFT JOIN call_month m
    ON m.organization_id = k.organization_id AND m.caller_id = k.id AND m.month = $3
  WHERE k.organization_id = $1 AND k.id = $2 GROUP BY k.monthly_share`;

type AppAndKey = Pick<QuotaRequest, "organizationId" | "appId" | "keyId">;

async function read({ organizationId, appId, keyId }: AppAndKey, nowMs: number): Promise<void> {
  const month = monthOf(nowMs);
  const memory = quotaMemory();
  await inOrganizationSql({ organizationId }, async (client) => {
    const apps = await client.query<{ usedUpAt: Date | null }>(READ_APP, [organizationId, appId]);
    const keys = await client.query<{ share: number | null; used: number }>(READ_KEY, [
      organizationId,
      keyId,
      month,
    ]);
    // This process may have a report of DingTalk that is not written yet.
    const reported = memory.app({ organizationId, appId })?.value.usedUpAt ?? null;
    const usedUpAt = apps.rows[0]?.usedUpAt ?? (isUnwritten(reported, nowMs) ? reported : null);
    memory.rememberApp({ organizationId, appId }, { usedUpAt }, nowMs);
    const { share = null, used = 0 } = keys.rows[0] ?? {};
    const all = used + unwrittenOf(organizationId, keyId, month);
    memory.rememberKey({ organizationId, keyId }, { share, month, used: all }, nowMs);
  });
}

/** A report is written within this time unless the database is unavailable. */
const UNWRITTEN_MS = 30_000;
const isUnwritten = (reported: Date | null, nowMs: number) =>
  reported !== null && nowMs - reported.getTime() < UNWRITTEN_MS;

const reads = () => processWide("calls.quota.reads", () => new Map<string, Promise<void>>());

/** Shares one read among concurrent calls. If it fails, the last known values stay. */
function readOnce(request: AppAndKey, nowMs: number): Promise<void> {
  const name = `${request.organizationId} ${request.appId} ${request.keyId}`;
  const reading =
    reads().get(name) ??
    read(request, nowMs)
      .catch((error: unknown) => log.warn("quota could not be read", { error }))
      .finally(() => reads().delete(name));
  reads().set(name, reading);
  return reading;
}

const PROBE_MS_MIN = 60_000;
const PROBE_MS_MAX = 60 * 60_000;

/**
 * Claims the call that finds out whether DingTalk accepts billable calls again. Pauses grow from a minute to an hour.
 * @returns the time of the next such call; `null` if the caller may send one now
 */
function claimProbe(
  memory: QuotaMemory,
  app: AppRef,
  { usedUpAtMs, nowMs }: { readonly usedUpAtMs: number; readonly nowMs: number },
): number | null {
  const lastMs = Math.max(memory.probedAtMs(app) ?? 0, usedUpAtMs);
  const nextMs = lastMs + Math.min(Math.max(lastMs - usedUpAtMs, PROBE_MS_MIN), PROBE_MS_MAX);
  if (nowMs < nextMs) return nextMs;
  memory.recordProbe(app, nowMs);
  return null;
}

/**
 * Returns why the quota forbids a service's call; `null` to send it. After DingTalk reports the quota as used up,
 * single calls pass at growing intervals, because a larger edition may have been bought. A key may exceed its share by
 * the calls of other processes in a few seconds.
 */
export async function findMonthlyStop(
  request: QuotaRequest,
  nowMs = Date.now(),
): Promise<MonthlyStop | null> {
  if (!isBillable(request)) return null;
  const memory = quotaMemory();
  if (!isFresh(memory.app(request), nowMs) || !isFresh(memory.key(request), nowMs)) {
    await readOnce(request, nowMs);
  }
  const month = monthOf(nowMs);
  const endMs = monthEndMs(month);
  const key = memory.key(request)?.value;
  if (key && key.share !== null && key.month === month && key.used >= key.share)
    return { because: "share", untilMs: endMs };
  const usedUpAt = memory.app(request)?.value.usedUpAt ?? null;
  if (usedUpAt === null || !isUsedUp(usedUpAt, nowMs)) return null;
  const nextMs = claimProbe(memory, request, { usedUpAtMs: usedUpAt.getTime(), nowMs });
  return nextMs === null ? null : { because: "used_up", untilMs: Math.min(nextMs, endMs) };
}

/** Ends an app's stop and its notices if the new number of calls per month is higher than the stored one. */
export async function endMonthlyStopIfRaised(
  tx: Tx,
  { organizationId, appId }: AppRef,
  callsPerMonth: number,
): Promise<void> {
  const { count } = await tx.dingtalkApp.updateMany({
    where: { organizationId, id: appId, callsPerMonth: { lt: callsPerMonth } },
    data: { quotaUsedUpAt: null },
  });
  if (count > 0) await endQuotaNotices(tx, { organizationId, appId }, new Date());
}

/** @throws {DingtalkError} `quota_used_up`; {AppError} `rate_limited` when the key has used its monthly share */
export async function assertWithinQuota(call: BeginningCall): Promise<void> {
  const nowMs = Date.now();
  const stop = await findMonthlyStop(call, nowMs);
  if (!stop) return;
  const retryAfterMs = stop.untilMs - nowMs;
  if (stop.because === "share") {
    const retryAfterSeconds = Math.ceil(retryAfterMs / 1_000);
    throw new AppError("rate_limited", "the key has used its monthly share", {
      detail: "monthlyShare",
      retryAfterSeconds,
    });
  }
  const upstream = { host: "", code: "90020", message: "the monthly quota is used up; not sent by Dingkeep" };
  throw new DingtalkError({ kind: "quota_used_up", api: call.path, upstream, retryAfterMs });
}
