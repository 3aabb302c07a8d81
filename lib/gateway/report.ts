import { processWide } from "@/lib/process-wide";

/**
 * Outcome of a call: `refused` by Dingkeep before it was sent, `failed` without a usable answer, `left` when the
 * caller disconnected before the end.
 */
export type GatewayOutcome = "ok" | "dingtalk_refused" | "throttled" | "refused" | "failed" | "left";

/** A finished call through the gateway, to be logged and counted. It has no body, query, token or personal value. */
export type GatewayCall = {
  readonly organizationId: string;
  readonly appId: string;
  readonly keyId: string;
  /** When the request arrived. */
  readonly at: Date;
  readonly method: string;
  /** The path sent to DingTalk, without leading slash and query. */
  readonly path: string;
  readonly host: "oapi" | "api";
  /** HTTP status of the answer to the caller. */
  readonly status: number;
  /** DingTalk's error code, the inner one if it is wrapped; `null` without a code or if the answer was not read. */
  readonly errcode: string | null;
  /** How often the call was sent to DingTalk; 0 if never. */
  readonly attempts: number;
  /** How many attempts DingTalk throttled. */
  readonly throttles: number;
  /** Milliseconds from the first byte of the request to the last byte of the answer. */
  readonly ms: number;
  /** Size of the caller's body. */
  readonly bytesIn: number;
  /** Size of the answer's body. */
  readonly bytesOut: number;
  /** DingTalk's request ID. */
  readonly requestId: string | null;
  readonly outcome: GatewayOutcome;
};

type Listener = (call: GatewayCall) => void;

/** An admitted call before it is sent. */
export type BeginningCall = Pick<GatewayCall, "organizationId" | "appId" | "keyId" | "host" | "path">;

type Check = (call: BeginningCall) => void | Promise<void>;

const observers = () =>
  processWide("gateway.heard", () => ({ listeners: new Set<Listener>(), checks: new Set<Check>() }));

/** Registers a listener for finished calls of this process. It must not throw or block. */
export function onCall(listener: Listener): void {
  observers().listeners.add(listener);
}

export function reportCall(call: GatewayCall): void {
  for (const listener of observers().listeners) listener(call);
}

/** Registers a check that runs before each call is sent; its error becomes the answer. It must be fast. */
export function onBegin(check: Check): void {
  observers().checks.add(check);
}

/** @throws the first error of a registered check */
export async function assertMayBegin(call: BeginningCall): Promise<void> {
  for (const check of observers().checks) await check(call);
}
