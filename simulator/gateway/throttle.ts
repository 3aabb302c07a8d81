import type { Limits } from "../schemas";

/** Counts calls against the limits of reference 10. */
export type Throttle = {
  /** Whether one more call of the app on the API fits into the running second; counts it when it does. */
  admitsApp(call: { appKey: string; api: string; perSecond: number | null; now: number }): boolean;
  /** Whether the address is not banned; counts the call, and bans the address for 5 minutes past the limit. */
  admitsIp(ip: string, limits: Limits, now: number): boolean;
  /** Whether the organization has calls left this month; counts it when it does. */
  admitsMonth(corpId: string, limits: Limits): boolean;
};

const SECOND_MS = 1_000;
const IP_WINDOW_MS = 20_000;
const IP_BAN_MS = 5 * 60_000;

export function makeThrottle(): Throttle {
  const appCalls = new Map<string, number[]>();
  const ipCalls = new Map<string, number[]>();
  const bannedUntil = new Map<string, number>();
  const monthCalls = new Map<string, number>();
  return {
    admitsApp({ appKey, api, perSecond, now }) {
      return (
        perSecond === null ||
        admits(appCalls, `${appKey} ${api}`, { count: perSecond, windowMs: SECOND_MS, now })
      );
    },
    admitsIp(ip, { ipPer20Seconds }, now) {
      if (ipPer20Seconds === null) return true;
      if ((bannedUntil.get(ip) ?? 0) > now) return false;
      const isWithin = admits(ipCalls, ip, { count: ipPer20Seconds, windowMs: IP_WINDOW_MS, now });
      if (!isWithin) bannedUntil.set(ip, now + IP_BAN_MS);
      return isWithin;
    },
    admitsMonth(corpId, { monthlyCalls }) {
      if (monthlyCalls === null) return true;
      const made = monthCalls.get(corpId) ?? 0;
      if (made >= monthlyCalls) return false;
      monthCalls.set(corpId, made + 1);
      return true;
    },
  };
}

/** A sliding window: at most `count` admitted calls in any `windowMs`. A refused call does not count. */
function admits(
  log: Map<string, number[]>,
  key: string,
  { count, windowMs, now }: { count: number; windowMs: number; now: number },
): boolean {
  const recent = (log.get(key) ?? []).filter((at) => at > now - windowMs);
  log.set(key, recent);
  if (recent.length >= count) return false;
  recent.push(now);
  return true;
}
