import "server-only";
import type { Actor } from "@/lib/auth/actor";
import { readTogether } from "@/lib/db/unit-of-work";
import { notFound } from "@/lib/errors";
import { isUuid } from "@/lib/public-id";
import { monthOf } from "./month";
import { type Counted, type Quota, toQuota } from "./quota";

export type AppQuota = { readonly appId: string; readonly name: string; readonly quota: Quota };

type Row = Counted & { readonly appId: string; readonly name: string };

const READ = `
  SELECT a.id AS "appId", a.name, a.calls_per_month AS "limit", a.quota_used_up_at AS "usedUpAt",
    coalesce(sum(m.charged), 0)::int AS charged, coalesce(sum(m.free), 0)::int AS free,
    coalesce(sum(m.throttled), 0)::int AS throttled
  FROM dingtalk_app a LEFT JOIN call_month m
    ON m.organization_id = a.organization_id AND m.app_id = a.id AND m.month = $2
  WHERE a.organization_id = $1 AND ($3::uuid IS NULL OR a.id = $3)
  GROUP BY a.organization_id, a.id ORDER BY a.created_at`;

/** Lists the quotas of the current month, oldest app first; of one app if `appId` is given. */
export async function listQuotas(
  { organizationId }: Actor<"app.read">,
  { appId = null, nowMs = Date.now() }: { readonly appId?: string | null; readonly nowMs?: number } = {},
): Promise<AppQuota[]> {
  if (appId !== null && !isUuid(appId)) throw notFound("app");
  const rows = await readTogether<Row>({ organizationId }, READ, [organizationId, monthOf(nowMs), appId]);
  return rows.map(({ appId: id, name, ...counted }) => ({
    appId: id,
    name,
    quota: toQuota(counted, nowMs),
  }));
}

const READ_SHARES = `
  SELECT caller_id AS "keyId", sum(charged)::int AS charged FROM call_month
  WHERE organization_id = $1 AND month = $2 GROUP BY caller_id`;

export async function readKeyUse(
  { organizationId }: Actor<"key.read">,
  nowMs = Date.now(),
): Promise<ReadonlyMap<string, number>> {
  const rows = await readTogether<{ keyId: string; charged: number }>({ organizationId }, READ_SHARES, [
    organizationId,
    monthOf(nowMs),
  ]);
  return new Map(rows.map(({ keyId, charged }) => [keyId, charged]));
}
