import { processWide } from "@/lib/process-wide";

/** `refused`: by Dingkeep, not sent. `failed`: no usable answer. `left`: the caller disconnected before the end. */
export type GatewayOutcome = "ok" | "dingtalk_refused" | "throttled" | "refused" | "failed" | "left";

/** A finished call through the gateway, to be logged and counted. It has no body, query, token or personal value. */
export type GatewayCall = {
  readonly organizationId: string;
  readonly appId: string;
  readonly keyId: string;
  readonly at: Date;
  readonly method: string;
  /** The path sent to DingTalk, without leading slash and query. */
  readonly path: string;
  readonly host: "oapi" | "api";
  readonly status: number;
  /** DingTalk's error code, the inner one if it is wrapped; `null` without a code or if the answer was not read. */
  readonly errcode: string | null;
  readonly attempts: number;
  readonly throttles: number;
  /** Milliseconds from the first byte of the request to the last byte of the answer. */
  readonly ms: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly requestId: string | null;
  readonly outcome: GatewayOutcome;
};

type Listener = (call: GatewayCall) => void;

export type BeginningCall = Pick<GatewayCall, "organizationId" | "appId" | "keyId" | "host" | "path">;

type Check = (call: BeginningCall) => void | Promise<void>;

const observers = () =>
  processWide("gateway.received", () => ({ listeners: new Set<Listener>(), checks: new Set<Check>() }));

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

export async function assertMayBegin(call: BeginningCall): Promise<void> {
  for (const check of observers().checks) await check(call);
}
