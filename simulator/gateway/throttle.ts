import { IP_BAN_MS, IP_WINDOW_MS, type Limits, SECOND_MS } from "../limits";

/**
 * Counts calls against DingTalk's limits.
 *
 * @see docs/dingtalk/limits.md#rate-limits
 */
export type Throttle = {
  /**
   * Counts a call of the app on the API, unless the current second is full.
   *
   * @returns whether the call is admitted
   */
  admitsApp(call: { appKey: string; api: string; perSecond: number | null; now: number }): boolean;
  /**
   * Counts a call of the address, and bans the address for 5 minutes if it exceeds the limit.
   *
   * @returns whether the address is not banned
   */
  admitsIp(ip: string, limits: Limits, now: number): boolean;
  /**
   * Counts a call of the organization, unless its month is used up.
   *
   * @returns whether the call is admitted
   */
  admitsMonth(corpId: string, limits: Limits): boolean;
};

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

/** Applies a sliding window with at most `count` admitted calls in any `windowMs`. Refused calls do not count. */
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
