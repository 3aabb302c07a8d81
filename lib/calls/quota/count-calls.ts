import "server-only";
import { inOrganizationSql } from "@/lib/db/unit-of-work";
import { log } from "@/lib/log";
import {
  endQuotaNoticesBefore,
  endQuotaUsedUp,
  recordQuotaNear,
  recordQuotaUsedUp,
} from "@/lib/notices/record-quota";
import { processWide } from "@/lib/process-wide";
import type { Call } from "../call";
import { type Counts, countsOf, reportsUsedUp } from "./billable";
import { monthOf, monthStartMs } from "./month";
import { NEAR_SHARE } from "./quota";
import { quotaMemory } from "./quota-memory";

const WRITE_EVERY_MS = 3_000;
export const OWN_CALLER = "00000000-0000-0000-0000-000000000000";

type Line = Counts & { readonly appId: string; readonly callerId: string; readonly month: string };

type PendingCounts = {
  readonly lines: Map<string, Line>;
  readonly usedUp: Map<string, number>;
  readonly accepted: Map<string, number>;
};

type State = { organizations: Map<string, PendingCounts>; timer: NodeJS.Timeout | undefined };

const state = () =>
  processWide<State>("calls.counts", () => ({ organizations: new Map(), timer: undefined }));

/** Adds nothing for deleted apps. */
const ADD = `
  INSERT INTO call_month AS m (organization_id, app_id, caller_id, month, charged, free, throttled)
  SELECT a.organization_id, a.id, c.caller_id, c.month, c.charged, c.free, c.throttled
  FROM unnest($2::uuid[], $3::uuid[], $4::text[], $5::int[], $6::int[], $7::int[])
    AS c (app_id, caller_id, month, charged, free, throttled)
  JOIN dingtalk_app a ON a.organization_id = $1 AND a.id = c.app_id
  ON CONFLICT (organization_id, app_id, caller_id, month) DO UPDATE SET
    charged = m.charged + excluded.charged, free = m.free + excluded.free, throttled = m.throttled + excluded.throttled`;

/** Keeps the first report of a month. */
const MARK = `
  UPDATE dingtalk_app SET quota_used_up_at = $3
  WHERE organization_id = $1 AND id = $2 AND (quota_used_up_at IS NULL OR quota_used_up_at < $4)`;

/** Clears reports from before a successful billable call. */
const LIFT = `
  UPDATE dingtalk_app SET quota_used_up_at = NULL WHERE organization_id = $1 AND id = $2 AND quota_used_up_at < $3`;

const plus = <L extends Counts>(line: L, { charged, free, throttled }: Counts): L => ({
  ...line,
  charged: line.charged + charged,
  free: line.free + free,
  throttled: line.throttled + throttled,
});

const lineKey = ({ appId, callerId, month }: Omit<Line, keyof Counts>) => `${appId} ${callerId} ${month}`;

function pendingOf(organizationId: string): PendingCounts {
  const { organizations } = state();
  const pending = organizations.get(organizationId) ?? {
    lines: new Map(),
    usedUp: new Map(),
    accepted: new Map(),
  };
  organizations.set(organizationId, pending);
  return pending;
}

function addLine(organizationId: string, line: Line): void {
  const { lines } = pendingOf(organizationId);
  const key = lineKey(line);
  const before = lines.get(key);
  lines.set(key, before ? plus(before, line) : line);
}

function addUsedUp(organizationId: string, appId: string, atMs: number): void {
  const { usedUp } = pendingOf(organizationId);
  usedUp.set(appId, Math.min(atMs, usedUp.get(appId) ?? atMs));
}

function addAccepted(organizationId: string, appId: string, atMs: number): void {
  const { accepted, usedUp } = pendingOf(organizationId);
  accepted.set(appId, Math.max(atMs, accepted.get(appId) ?? 0));
  if ((usedUp.get(appId) ?? Infinity) < atMs) usedUp.delete(appId);
}

export function countCall(call: Call): void {
  const { organizationId, appId, keyId, atMs } = call;
  const counts = countsOf(call);
  if (counts.charged + counts.free + counts.throttled > 0) {
    addLine(organizationId, { ...counts, appId, callerId: keyId ?? OWN_CALLER, month: monthOf(atMs) });
    if (keyId !== null) quotaMemory().recordBillable({ organizationId, keyId }, counts.charged, atMs);
  }
  if (counts.charged > 0 && call.outcome === "ok") {
    addAccepted(organizationId, appId, atMs);
    quotaMemory().recordAccepted({ organizationId, appId }, atMs);
  }
  if (reportsUsedUp(call)) {
    addUsedUp(organizationId, appId, atMs);
    quotaMemory().recordUsedUp({ organizationId, appId }, atMs);
  }
  writeSoon();
}

function writeSoon(): void {
  state().timer ??= setTimeout(() => void writeCounts(), WRITE_EVERY_MS).unref();
}

export function unwrittenOf(organizationId: string, keyId: string, month: string): number {
  const lines = [...(state().organizations.get(organizationId)?.lines.values() ?? [])];
  return lines.reduce(
    (sum, line) => sum + (line.callerId === keyId && line.month === month ? line.charged : 0),
    0,
  );
}

/** Writes the counts to the database. Counts that can't be written are kept for the next attempt. */
export async function writeCounts(): Promise<void> {
  const { organizations, timer } = state();
  clearTimeout(timer);
  Object.assign(state(), { organizations: new Map(), timer: undefined });
  for (const [organizationId, pending] of organizations) {
    try {
      await writeOne(organizationId, pending);
    } catch (error) {
      log.warn("call counts could not be written", { organizationId, error });
      for (const line of pending.lines.values()) addLine(organizationId, line);
      for (const [appId, atMs] of pending.accepted) addAccepted(organizationId, appId, atMs);
      for (const [appId, atMs] of pending.usedUp) addUsedUp(organizationId, appId, atMs);
      writeSoon();
    }
  }
}

async function writeOne(organizationId: string, { lines, usedUp, accepted }: PendingCounts): Promise<void> {
  // A fixed order of rows prevents deadlocks between processes.
  const sorted = [...lines].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, line]) => line);
  const columns = (["appId", "callerId", "month", "charged", "free", "throttled"] as const).map((name) =>
    sorted.map((line) => line[name]),
  );
  await inOrganizationSql({ organizationId }, async (client) => {
    if (sorted.length > 0) await client.query(ADD, [organizationId, ...columns]);
    const now = new Date();
    const month = monthOf(now.getTime());
    const charged = sorted.filter((line) => line.month === month && line.charged > 0);
    for (const appId of new Set(charged.map((line) => line.appId)))
      await recordQuotaNear(client, { organizationId, appId }, { month, at: now, share: NEAR_SHARE });
    for (const [appId, atMs] of accepted) {
      const { rowCount } = await client.query(LIFT, [organizationId, appId, new Date(atMs)]);
      if (rowCount) await endQuotaUsedUp(client, { organizationId, appId }, now);
    }
    for (const [appId, atMs] of usedUp) {
      const usedUpIn = monthOf(atMs);
      const since = new Date(monthStartMs(usedUpIn));
      const { rowCount } = await client.query(MARK, [organizationId, appId, new Date(atMs), since]);
      if (!rowCount) continue;
      await recordQuotaUsedUp(client, { organizationId, appId }, { month: usedUpIn, at: new Date(atMs) });
    }
  });
}

export const endQuotaMonth = (organizationId: string, nowMs = Date.now()): Promise<unknown> =>
  endQuotaNoticesBefore(organizationId, new Date(monthStartMs(monthOf(nowMs))));
