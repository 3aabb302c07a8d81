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
  /** How many of them DingTalk throttled. */
  readonly throttles: number;
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

/** A call that is let in and is about to go up. */
export type BeginningCall = Pick<GatewayCall, "organizationId" | "appId" | "keyId" | "host" | "path">;

type Check = (call: BeginningCall) => void | Promise<void>;

const heard = () =>
  processWide("gateway.heard", () => ({ listeners: new Set<Listener>(), checks: new Set<Check>() }));

/** Tells `listener` of each call when it has ended, in this process. It must not throw, nor take time. */
export function onCall(listener: Listener): void {
  heard().listeners.add(listener);
}

export function reportCall(call: GatewayCall): void {
  for (const listener of heard().listeners) listener(call);
}

/** Asks `check` before each call goes up; what it throws is the answer. It is called for every call, so it must be quick. */
export function onBegin(check: Check): void {
  heard().checks.add(check);
}

/** @throws what a check throws */
export async function assertMayBegin(call: BeginningCall): Promise<void> {
  for (const check of heard().checks) await check(call);
}
