/**
 * Outcome of a call: `refused` by Dingkeep before it was sent, `failed` without a usable answer, `left` when the
 * caller disconnected before the end.
 */
export const CALL_OUTCOMES = ["ok", "dingtalk_refused", "throttled", "refused", "failed", "left"] as const;

export type CallOutcome = (typeof CALL_OUTCOMES)[number];

/** A finished call to DingTalk: of a service through the gateway, or of Dingkeep itself. */
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
  /** HTTP status; `null` without an answer. */
  readonly status: number | null;
  /** DingTalk's error code, the inner one if it is wrapped. */
  readonly errcode: string | null;
  /** How often the call was sent; 0 if never. */
  readonly attempts: number;
  /** How many attempts DingTalk throttled. */
  readonly throttles: number;
  readonly durationMs: number;
  /** Size of the answer's body. */
  readonly bytes: number;
  /** DingTalk's request ID. */
  readonly requestId: string | null;
};
