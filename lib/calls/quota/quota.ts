import { monthEndMs, monthOf, monthStartMs } from "./month";

/** `near`: from 80 % of the limit; `over`: from the limit; `stopped`: DingTalk has reported the quota as used up. */
export type QuotaLevel = "fine" | "near" | "over" | "stopped";

export type Quota = {
  readonly month: string;
  /** End of the month, exclusive. */
  readonly endsAt: Date;
  /** Billable calls per month in the organization's DingTalk edition. */
  readonly limit: number;
  readonly charged: number;
  /** Billable calls at the end of the month at the current rate. */
  readonly forecast: number;
  readonly free: number;
  readonly throttled: number;
  readonly level: QuotaLevel;
  /** Time at which DingTalk reported the quota as used up this month, or `null`. */
  readonly usedUpAt: Date | null;
};

export type Counted = Pick<Quota, "limit" | "charged" | "free" | "throttled" | "usedUpAt">;

export const NEAR_SHARE = 0.8;
const DAY_MS = 24 * 60 * 60_000;

export const isUsedUp = (usedUpAt: Date | null, nowMs: number): boolean =>
  usedUpAt !== null && monthOf(usedUpAt.getTime()) === monthOf(nowMs);

function levelOf({ limit, charged }: Counted, isStopped: boolean): QuotaLevel {
  if (isStopped) return "stopped";
  if (charged >= limit) return "over";
  return charged >= limit * NEAR_SHARE ? "near" : "fine";
}

export function toQuota(counted: Counted, nowMs: number): Quota {
  const month = monthOf(nowMs);
  const [startMs, endMs] = [monthStartMs(month), monthEndMs(month)];
  // A few calls in the first hours would give a huge forecast.
  const elapsedMs = Math.max(nowMs - startMs, DAY_MS);
  const isStopped = isUsedUp(counted.usedUpAt, nowMs);
  return {
    ...counted,
    month,
    endsAt: new Date(endMs),
    forecast: Math.max(counted.charged, Math.round((counted.charged * (endMs - startMs)) / elapsedMs)),
    level: levelOf(counted, isStopped),
    usedUpAt: isStopped ? counted.usedUpAt : null,
  };
}
