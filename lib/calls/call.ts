/**
 * What became of a call: DingTalk said yes or no, or held it back; it never came to DingTalk (`refused`: by us) or
 * nothing usable came from there (`failed`); whoever called was gone before it ended (`left`).
 */
export const CALL_OUTCOMES = ["ok", "dingtalk_refused", "throttled", "refused", "failed", "left"] as const;

export type CallOutcome = (typeof CALL_OUTCOMES)[number];

/** A call to DingTalk that is over: a service's by the gateway, or one of our own. */
export type Call = {
  readonly organizationId: string;
  readonly appId: string;
  /** `null` for our own. */
  readonly keyId: string | null;
  /** When it began, in milliseconds since the epoch. */
  readonly atMs: number;
  readonly method: string;
  /** Without a slash in front and without the query; values may still be in it. */
  readonly path: string;
  readonly host: "oapi" | "api";
  readonly outcome: CallOutcome;
  /** HTTP; `null` where no answer came. */
  readonly status: number | null;
  /** DingTalk's code, the one inside where it is wrapped. */
  readonly errcode: string | null;
  /** How often it was sent; 0 when it never left. */
  readonly attempts: number;
  /** How many of them DingTalk throttled. */
  readonly throttles: number;
  readonly durationMs: number;
  /** Of the answer's body. */
  readonly bytes: number;
  /** DingTalk's. */
  readonly requestId: string | null;
};
