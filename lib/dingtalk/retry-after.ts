import type { Verdict } from "./classify-error";

/** A longer pause is an error of the answer. */
const WAIT_MS_MAX = 10 * 60_000;

type Asked = {
  /** The header `retry-after`. */
  readonly header: string | null;
  /** DingTalk's text, which can state the end of a penalty. */
  readonly message: string;
  readonly nowMs: number;
};

/**
 * Returns the pause that DingTalk asks for, at least the verdict's. The text of 90002 states a time in China's zone.
 * @see https://github.com/ali-sdk/node-dingtalk/issues/32
 */
export function retryAfterMs(verdict: Verdict, { header, message, nowMs }: Asked): number | null {
  const asked = header === null ? 0 : headerWaitMs(header, nowMs);
  const penalty = verdict.kind === "throttled" ? penaltyMs(message, nowMs) : 0;
  const waitMs = Math.max(verdict.waitMs ?? 0, Math.min(Math.max(asked, penalty), WAIT_MS_MAX));
  return waitMs > 0 ? waitMs : null;
}

function headerWaitMs(header: string, nowMs: number): number {
  const ms = /^\d+$/.test(header.trim()) ? Number(header) * 1_000 : Date.parse(header) - nowMs;
  return Number.isNaN(ms) ? 0 : ms;
}

function penaltyMs(message: string, nowMs: number): number {
  const times = [...message.matchAll(/(\d{4}-\d{2}-\d{2})[ T](\d{2}:\d{2}:\d{2})/g)];
  const [, date, time] = times.at(-1) ?? [];
  const ms = Date.parse(`${date}T${time}+08:00`) - nowMs;
  return Number.isNaN(ms) ? 0 : ms;
}
