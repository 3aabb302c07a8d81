/** `refused`: by Dingkeep, not sent. `failed`: no usable answer. `left`: the caller disconnected before the end. */
export const CALL_OUTCOMES = ["ok", "dingtalk_refused", "throttled", "refused", "failed", "left"] as const;

export type CallOutcome = (typeof CALL_OUTCOMES)[number];

export type Call = {
  readonly organizationId: string;
  readonly appId: string;
  /** `null` for Dingkeep's own calls. */
  readonly keyId: string | null;
  /** Start, in milliseconds since the epoch. */
  readonly atMs: number;
  readonly method: string;
  /** Without leading slash and query. May contain personal values. */
  readonly path: string;
  readonly host: "oapi" | "api";
  readonly outcome: CallOutcome;
  readonly status: number | null;
  /** DingTalk's error code, the inner one if it is wrapped. */
  readonly errcode: string | null;
  readonly attempts: number;
  readonly throttles: number;
  readonly durationMs: number;
  readonly bytes: number;
  readonly requestId: string | null;
};
