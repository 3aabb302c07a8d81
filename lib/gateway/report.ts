import type { Admitted } from "@/lib/api-keys/admit-key";
import type { AppRef } from "@/lib/app-ref";
import { countRequest } from "@/lib/metrics/count";
import { processWide } from "@/lib/process-wide";
import type { UpstreamAnswer } from "./inspect-answer";
import type { Target } from "./parse-target";

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

/** Returns the outcome of a call that DingTalk answered. */
export function outcomeOf({ refusal, status }: UpstreamAnswer, isThrottled: boolean): GatewayOutcome {
  if (isThrottled) return "throttled";
  return refusal !== null || status >= 400 ? "dingtalk_refused" : "ok";
}

/** State of a running call that its report contains. */
export type ReportedProgress = {
  readonly attempts: number;
  readonly throttles: number;
  readonly target: Pick<Target, "path" | "host"> | null;
  readonly call: { readonly app: AppRef; readonly admitted: Admitted } | null;
  readonly bytesIn: () => number;
};

/** How a call ended. */
export type CallEnd = {
  readonly outcome: GatewayOutcome;
  readonly answered?: UpstreamAnswer;
  readonly status?: number;
  readonly bytesOut?: number;
  readonly failure?: unknown;
};

const INTERNAL = 500;

const statusOf = (failure: unknown): number =>
  typeof failure === "object" && failure !== null && "status" in failure && typeof failure.status === "number"
    ? failure.status
    : INTERNAL;

/** Counts a request, and reports it if it became a call. */
export function report(
  method: string,
  { target, call, attempts, throttles, bytesIn }: ReportedProgress,
  { outcome, answered, status, bytesOut = 0, failure, ms }: CallEnd & { readonly ms: number },
): void {
  const sentStatus = status ?? statusOf(failure);
  countRequest("gateway", sentStatus, ms);
  if (!target || !call) return;
  const { app, admitted } = call;
  const reported: GatewayCall = {
    ...app,
    keyId: admitted.key.keyId,
    at: new Date(Date.now() - ms),
    method,
    path: target.path,
    host: target.host,
    status: sentStatus,
    errcode: answered?.errcode ?? null,
    attempts,
    throttles,
    ms,
    bytesIn: bytesIn(),
    bytesOut,
    requestId: answered?.requestId ?? null,
    outcome,
  };
  reportCall(reported);
}
