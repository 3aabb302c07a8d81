import { processWide } from "@/lib/process-wide";

/**
 * What became of a call: DingTalk said yes or no, or held it back; it never came to DingTalk (`refused`: by us) or
 * nothing usable came from there (`failed`); whoever called was gone before it ended (`left`).
 */
export type GatewayOutcome = "ok" | "dingtalk_refused" | "throttled" | "refused" | "failed" | "left";

/** A call by the gateway, for whoever logs and counts them. Never a body, a query, a token or a personal value. */
export type GatewayCall = {
  readonly organizationId: string;
  readonly appId: string;
  readonly keyId: string;
  /** When it came. */
  readonly at: Date;
  readonly method: string;
  /** As it went up, without a slash in front and without the query. */
  readonly path: string;
  readonly host: "oapi" | "api";
  /** Of the answer that the caller got. */
  readonly status: number;
  /** DingTalk's own code, or the one inside its wrapper; `null` where there is none, or where the answer was not read. */
  readonly errcode: string | null;
  /** How often it was sent to DingTalk; 0 when it never left. */
  readonly attempts: number;
  /** From the first byte that came to the last that was passed on. */
  readonly ms: number;
  /** Of the caller's body. */
  readonly bytesIn: number;
  /** Of the answer's body. */
  readonly bytesOut: number;
  /** DingTalk's. */
  readonly requestId: string | null;
  readonly outcome: GatewayOutcome;
};

type Listener = (call: GatewayCall) => void;

const listeners = () => processWide("gateway.listeners", () => new Set<Listener>());

/** Tells `listener` of each call when it has ended, in this process. It must not throw, nor take time. */
export function onCall(listener: Listener): void {
  listeners().add(listener);
}

export function reportCall(call: GatewayCall): void {
  for (const listener of listeners()) listener(call);
}
