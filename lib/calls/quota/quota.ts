import { monthEndMs, monthOf, monthStartMs } from "./month";

/** Where it stands: `near` from 80 % of the limit on, `over` beyond it, `stopped` once DingTalk has said so. */
export type QuotaLevel = "fine" | "near" | "over" | "stopped";

/** An app's calls in the month that runs. */
export type Quota = {
  readonly month: string;
  /** The first moment of the next one. */
  readonly endsAt: Date;
  /** What the organization's edition allows. */
  readonly limit: number;
  readonly charged: number;
  /** What the month comes to if it goes on so. */
  readonly forecast: number;
  /** What DingTalk doesn't charge. */
  readonly free: number;
  readonly throttled: number;
  readonly level: QuotaLevel;
  /** When DingTalk said that the month's calls are used up; `null` while it hasn't. */
  readonly usedUpAt: Date | null;
};

export type Counted = Pick<Quota, "limit" | "charged" | "free" | "throttled" | "usedUpAt">;

/** From this share of the limit on it is told that the limit is near. */
export const NEAR_SHARE = 0.8;
const DAY_MS = 24 * 60 * 60_000;

/** Whether calls that are charged have to wait: DingTalk has said so in this month. */
export const isUsedUp = (usedUpAt: Date | null, nowMs: number): boolean =>
  usedUpAt !== null && monthOf(usedUpAt.getTime()) === monthOf(nowMs);

function levelOf({ limit, charged }: Counted, isStopped: boolean): QuotaLevel {
  if (isStopped) return "stopped";
  if (charged >= limit) return "over";
  return charged >= limit * NEAR_SHARE ? "near" : "fine";
}

/** What pages show of what was counted. */
export function toQuota(counted: Counted, nowMs: number): Quota {
  const month = monthOf(nowMs);
  const [startMs, endMs] = [monthStartMs(month), monthEndMs(month)];
  // On the month's first day a few calls would stand for many.
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
