import "server-only";
import { inOrganizationSql } from "@/lib/db/unit-of-work";
import { log } from "@/lib/log";
import { processWide } from "@/lib/process-wide";
import type { Call } from "../call";
import { isCharged } from "./charged";
import { unwrittenOf } from "./count-calls";
import { monthEndMs, monthOf } from "./month";
import { isUsedUp } from "./quota";
import { isFresh, quotaMemory } from "./quota-memory";

/** Why a call may not be made before `untilMs`: DingTalk said that the month is used up, or the key had its share. */
export type QuotaStop = { readonly because: "used_up" | "share"; readonly untilMs: number };

export type Asking = Pick<Call, "organizationId" | "appId" | "host" | "path"> & { readonly keyId: string };

const READ_APP = `SELECT quota_used_up_at AS "usedUpAt" FROM dingtalk_app WHERE organization_id = $1 AND id = $2`;

const READ_KEY = `
  SELECT k.monthly_share AS share, coalesce(sum(m.charged), 0)::int AS used
  FROM api_key k LEFT JOIN call_month m
    ON m.organization_id = k.organization_id AND m.caller_id = k.id AND m.month = $3
  WHERE k.organization_id = $1 AND k.id = $2 GROUP BY k.monthly_share`;

type Read = Pick<Asking, "organizationId" | "appId" | "keyId">;

async function read({ organizationId, appId, keyId }: Read, nowMs: number): Promise<void> {
  const month = monthOf(nowMs);
  const memory = quotaMemory();
  await inOrganizationSql({ organizationId }, async (client) => {
    const apps = await client.query<{ usedUpAt: Date | null }>(READ_APP, [organizationId, appId]);
    const keys = await client.query<{ share: number | null; used: number }>(READ_KEY, [
      organizationId,
      keyId,
      month,
    ]);
    // A word of DingTalk's that this process heard and hasn't written yet stands.
    const heard = memory.app({ organizationId, appId })?.value.usedUpAt ?? null;
    const usedUpAt = apps.rows[0]?.usedUpAt ?? (isHeard(heard, nowMs) ? heard : null);
    memory.rememberApp({ organizationId, appId }, { usedUpAt }, nowMs);
    const { share = null, used = 0 } = keys.rows[0] ?? {};
    const all = used + unwrittenOf(organizationId, keyId, month);
    memory.rememberKey({ organizationId, keyId }, { share, month, used: all }, nowMs);
  });
}

/** It is written within this time, unless the database is away. */
const HEARD_MS = 30_000;
const isHeard = (heard: Date | null, nowMs: number) => heard !== null && nowMs - heard.getTime() < HEARD_MS;

const underWay = () => processWide("calls.quota.reads", () => new Map<string, Promise<void>>());

/** Many calls at once ask once. While the database is away, what was known last stands. */
function readOnce(asking: Read, nowMs: number): Promise<void> {
  const name = `${asking.organizationId} ${asking.appId} ${asking.keyId}`;
  const reading =
    underWay().get(name) ??
    read(asking, nowMs)
      .catch((error: unknown) => log.warn("a quota was not read", { error }))
      .finally(() => underWay().delete(name));
  underWay().set(name, reading);
  return reading;
}

/**
 * Whether a service's call may go to DingTalk, as far as the month's quota goes. What isn't charged always may. After
 * DingTalk said that the month is used up, a call passes now and then to see whether that still holds: DingTalk may
 * have been wrong, or a larger edition bought. Mostly answered from memory; other processes' calls are known after a
 * few seconds, so a share may be passed by those.
 */
export async function findQuotaStop(asking: Asking, nowMs = Date.now()): Promise<QuotaStop | null> {
  if (!isCharged(asking)) return null;
  const memory = quotaMemory();
  if (!isFresh(memory.app(asking), nowMs) || !isFresh(memory.key(asking), nowMs)) {
    await readOnce(asking, nowMs);
  }
  const month = monthOf(nowMs);
  const endMs = monthEndMs(month);
  const key = memory.key(asking)?.value;
  if (key && key.share !== null && key.month === month && key.used >= key.share)
    return { because: "share", untilMs: endMs };
  const usedUpAt = memory.app(asking)?.value.usedUpAt ?? null;
  if (usedUpAt === null || !isUsedUp(usedUpAt, nowMs)) return null;
  const nextMs = memory.claimProbe(asking, usedUpAt.getTime(), nowMs);
  return nextMs === null ? null : { because: "used_up", untilMs: Math.min(nextMs, endMs) };
}
