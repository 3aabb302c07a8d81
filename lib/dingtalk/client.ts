import type { Dispatcher } from "undici";
import { type BanProbe, createBanProbe } from "./ban-probe";
import type { DingtalkErrorKind, DingtalkThrottleScope } from "./error-kinds";
import type { Limiter, Priority } from "./limiter";
import { type Sleep, sleep } from "./time-limit";

/** One exchange, for counting: each repeat is an attempt of its own. */
export type DingtalkAttempt = {
  readonly appKey: string;
  /** The route's template, such as `topapi/v2/department/listsub`. */
  readonly api: string;
  readonly outcome: "ok" | DingtalkErrorKind;
  readonly durationMs: number;
  /** 1 for the first exchange of a call. */
  readonly attempt: number;
  readonly status: number | null;
  /** Whom a throttle holds back; `null` when the outcome is none. */
  readonly throttleScope: DingtalkThrottleScope | null;
  /** How far DingTalk's clock is ahead of ours, in milliseconds, exact to a second; `null` if it said nothing. */
  readonly clockSkewMs: number | null;
};

/** A whole call with all its exchanges, for a log. It holds nothing of what was sent or came but its size. */
export type DingtalkCall = {
  readonly host: "oapi" | "api";
  readonly method: "GET" | "POST";
  /** The route's template. */
  readonly api: string;
  readonly startedAtMs: number;
  readonly durationMs: number;
  readonly outcome: "ok" | DingtalkErrorKind;
  readonly throttleScope: DingtalkThrottleScope | null;
  /** Of the last answer; `null` where none came. */
  readonly status: number | null;
  /** DingTalk's code, the one inside where it is wrapped. */
  readonly code: string | null;
  readonly requestId: string | null;
  /** How often it was sent; 0 when it never left. */
  readonly attempts: number;
  /** How many of them were throttled. */
  readonly throttles: number;
  /** Of the last answer, decompressed. */
  readonly bytes: number;
};

export type DingtalkOptions = {
  /** Address of the older host, `https://oapi.dingtalk.com`; a path is kept in front of the API's. */
  readonly oapiUrl: string;
  /** Address of the new host, `https://api.dingtalk.com`. */
  readonly apiUrl: string;
  readonly dispatcher: Dispatcher;
  readonly limiter: Limiter;
  /** Who waits for these calls. A job's go after all others, and wait instead of failing. Default `interactive`. */
  readonly priority?: Priority;
  /** Limit of one exchange, from connecting to the last byte, in milliseconds. Default 10,000, at most 30,000. */
  readonly timeoutMs?: number;
  /** Limit of one call with its waits and repeats, but for the time its token takes, in milliseconds. Default 30,000. */
  readonly totalMs?: number;
  /** How often one call is sent at most; the repeat after a renewed token does not count. Default: as its failure allows. */
  readonly triesMax?: number;
  /** Called after each exchange. It must not throw. */
  readonly onAttempt?: (attempt: DingtalkAttempt) => void;
  /** Called once a call is over, if DingTalk or our limiter had anything to say to it. It must not throw. */
  readonly onCall?: (call: DingtalkCall) => void;
  /** Confirms a ban that one call met. Default: a probe of this object's own, which asks the host. */
  readonly isBanned?: BanProbe;
  /** Clock, in milliseconds since the epoch. */
  readonly now?: () => number;
  /** Numbers from 0 up to 1. */
  readonly random?: () => number;
  readonly sleep?: Sleep;
};

/** The way to DingTalk: its two hosts, and how patient we are. It knows no app and no token. */
export type Dingtalk = Required<DingtalkOptions>;

const TIMEOUT_MS_DEFAULT = 10_000;
const TOTAL_MS_DEFAULT = 30_000;

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
