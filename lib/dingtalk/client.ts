import type { Dispatcher } from "undici";
import { type BanProbe, createBanProbe } from "./ban-probe";
import type { DingtalkErrorKind, DingtalkThrottleScope } from "./error-kinds";
import type { Limiter, Priority } from "./limiter";
import { type Sleep, sleep, TIMEOUT_MS_DEFAULT, TOTAL_MS_DEFAULT } from "./time-limit";

/** One HTTP exchange, for metrics. Each repeat of a call is a separate attempt. */
export type DingtalkAttempt = {
  readonly appKey: string;
  readonly api: string;
  readonly outcome: "ok" | DingtalkErrorKind;
  readonly durationMs: number;
  readonly attempt: number;
  readonly status: number | null;
  readonly throttleScope: DingtalkThrottleScope | null;
  /** How far DingTalk's clock is ahead of ours, in milliseconds, exact to a second; `null` without a `date` header. */
  readonly clockSkewMs: number | null;
};

/** A whole call with all its exchanges, for the call log. It contains no content of requests or answers. */
export type DingtalkCall = {
  readonly host: "oapi" | "api";
  readonly method: "GET" | "POST";
  readonly api: string;
  readonly startedAtMs: number;
  readonly durationMs: number;
  readonly outcome: "ok" | DingtalkErrorKind;
  readonly throttleScope: DingtalkThrottleScope | null;
  readonly status: number | null;
  /** DingTalk's code; for a wrapper (88, 15) the code inside. */
  readonly code: string | null;
  readonly requestId: string | null;
  readonly attempts: number;
  readonly throttles: number;
  readonly bytes: number;
};

export type DingtalkOptions = {
  /** Address of the older host, `https://oapi.dingtalk.com`; its path, if any, is the prefix of every API path. */
  readonly oapiUrl: string;
  readonly apiUrl: string;
  readonly dispatcher: Dispatcher;
  readonly limiter: Limiter;
  /** Background calls go after interactive ones, and wait for their turn instead of failing. Default `interactive`. */
  readonly priority?: Priority;
  /** Limit of one exchange, from connecting to the last byte, in milliseconds. Default 10,000, at most 30,000. */
  readonly timeoutMs?: number;
  /** Limit of one call with waits and repeats, without the time for its token, in milliseconds. Default 30,000. */
  readonly totalMs?: number;
  /** Maximum tries of one call; the repeat with a renewed token does not count. Default: the limit of the retry policy. */
  readonly triesMax?: number;
  readonly onAttempt?: (attempt: DingtalkAttempt) => void;
  /** Called after a call that was sent or that the limiter refused. Must not throw. */
  readonly onCall?: (call: DingtalkCall) => void;
  readonly isBanned?: BanProbe;
  readonly now?: () => number;
  readonly random?: () => number;
  readonly sleep?: Sleep;
};

export type Dingtalk = Required<DingtalkOptions>;

export function createDingtalk(options: DingtalkOptions): Dingtalk {
  const { now = Date.now } = options;
  return {
    timeoutMs: TIMEOUT_MS_DEFAULT,
    totalMs: TOTAL_MS_DEFAULT,
    priority: "interactive",
    triesMax: Infinity,
    onAttempt: () => {},
    onCall: () => {},
    isBanned: createBanProbe({ ...options, now }),
    now,
    random: Math.random,
    sleep,
    ...options,
  };
}
