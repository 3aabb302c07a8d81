import "server-only";
import { Readable } from "node:stream";
import type { Admitted } from "@/lib/api-keys/admit-key";
import type { Dingtalk } from "@/lib/dingtalk/client";
import type { DingtalkError } from "@/lib/dingtalk/errors";
import { GATEWAY_CALLS_OF_ORGANIZATION, STALLED_READER_MS } from "@/lib/limits/numbers";
import { WaitingRequests } from "@/lib/limits/waiting-requests";
import { nextTurn } from "@/lib/loop-turns";
import { countRequest } from "@/lib/metrics/count";
import { processWide } from "@/lib/process-wide";
import { takeLease } from "@/lib/tokens/lease/read-lease";
import { ourTokenService, type TokenService } from "@/lib/tokens/renewal/token-service";
import { ourDingtalk, SERVICES_CONNECTIONS } from "@/lib/upstream/dingtalk-connections";
import { type AdmittedCall, admitCall, hasApiKey, type Incoming } from "./admit";
import { answerToken, tokenRouteOf } from "./answer-token-request";
import { bufferBody } from "./buffer-body";
import { gatewayCaller } from "./gateway-app";
import { preferredWaitMs, requestHeaders } from "./headers";
import type { UpstreamAnswer } from "./inspect-answer";
import { readTarget, type Target } from "./parse-target";
import { apiOf, assertMayPass, assertPassable } from "./path-rules";
import { type CallCounts, repeatCall } from "./repeat-call";
import { assertMayBegin, type CallEnd, outcomeOf, report } from "./report";

export type GatewayDependencies = {
  readonly dingtalk: Dingtalk;
  readonly service: TokenService;
  /** A caller who reads nothing of an answer for this long is disconnected (S30). In milliseconds. */
  readonly stalledAfterMs?: number;
  /** Limits unfinished calls per organization: each may occupy a buffered body, a limiter slot and a connection. */
  readonly activeCalls?: WaitingRequests;
};

/** More calls than connections would wait for a free connection without a time limit. */
const ACTIVE_CALLS = { ofKey: GATEWAY_CALLS_OF_ORGANIZATION, ofAll: SERVICES_CONNECTIONS };

const ourDependencies = (): GatewayDependencies =>
  processWide("gateway.way", () => ({
    dingtalk: ourDingtalk(undefined, { connections: "services" }),
    service: ourTokenService(),
    activeCalls: new WaitingRequests(ACTIVE_CALLS),
  }));

type CallContext = {
  readonly admitted: Admitted | null;
  /** The database was unavailable, so the key or the token came from memory. */
  readonly isStale: boolean;
};

/** DingTalk's answer, or a lease token issued in its place. */
export type GatewayAnswer = CallContext & {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array> | null;
};

export type GatewayFailure = CallContext & {
  readonly failure: unknown;
  readonly host: "oapi" | "api";
  /** The caller is a DingTalk client, which understands only DingTalk's codes. */
  readonly isClient: boolean;
  readonly isTokenRequest: boolean;
};

type CallProgress = CallCounts & {
  target: Target | null;
  call: AdmittedCall | null;
  admitted: Admitted | null;
  isStale: boolean;
  isTokenRequest: boolean;
  bytesIn: () => number;
  leave: (() => void) | undefined;
};

/**
 * Sends a request to DingTalk with the app's token and returns the answer unchanged. Token requests get a lease token.
 */
export async function passOn(
  incoming: Incoming,
  dependencies: GatewayDependencies = ourDependencies(),
): Promise<GatewayAnswer | GatewayFailure> {
  const startedAt = performance.now();
  const progress: CallProgress = {
    target: null,
    call: null,
    admitted: null,
    isStale: false,
    isTokenRequest: false,
    attempts: 0,
    throttles: 0,
    bytesIn: () => 0,
    leave: undefined,
  };
  const end = (ended: CallEnd) => {
    progress.leave?.();
    report(incoming.method, progress, { ...ended, ms: performance.now() - startedAt });
  };
  try {
    const target = readTarget(incoming.target);
    progress.target = target;
    const route = tokenRouteOf(incoming, target);
    if (!route) return await sendTo(target, { incoming, dependencies, progress, end });
    progress.isTokenRequest = true;
    const { admitted, answer } = await answerToken(route, incoming, target);
    const bytes = Buffer.from(JSON.stringify(answer));
    countRequest("gateway", 200, performance.now() - startedAt);
    const headers = { "content-type": "application/json", "content-length": String(bytes.length) };
    return { admitted, isStale: admitted.isStale, status: 200, headers, body: Uint8Array.from(bytes) };
  } catch (failure) {
    const { target, admitted, isStale, isTokenRequest } = progress;
    const isGone = incoming.signal.aborted;
    end({ failure, outcome: isGone ? "left" : progress.attempts > 0 ? "failed" : "refused" });
    const isClient = !hasApiKey(incoming.headers);
    return { failure, admitted, isStale, isTokenRequest, isClient, host: target?.host ?? "oapi" };
  }
}

type Passing = {
  readonly incoming: Incoming;
  readonly dependencies: GatewayDependencies;
  readonly progress: CallProgress;
  readonly end: (ended: CallEnd) => void;
};

async function sendTo(
  target: Target,
  { incoming, dependencies, progress, end }: Passing,
): Promise<GatewayAnswer> {
  const { dingtalk, service } = dependencies;
  const { method, headers, signal } = incoming;
  assertPassable(target);
  const call = await admitCall(incoming, target, dingtalk.now());
  const { admitted, app, confirm } = call;
  Object.assign(progress, { call, admitted, isStale: admitted.isStale });
  assertMayPass(admitted.key, method, target);
  const { keyId } = admitted.key;
  const { organizationId } = app;
  await assertMayBegin({ ...app, keyId, host: target.host, path: target.path });
  progress.leave = dependencies.activeCalls?.enter(organizationId);
  const body = await bufferBody(incoming.body);
  progress.bytesIn = body.bytes;
  const caller = await gatewayCaller(app, service);
  const lease = await takeLease(service, app, signal);
  progress.isStale ||= lease.isStale;
  const outbound = {
    dingtalk,
    caller,
    target,
    api: apiOf(target),
    method,
    headers: { ...requestHeaders(headers), ...lengthOf(incoming, body.stream) },
    body,
    signal,
  };
  const waitOptions = { waitMs: preferredWaitMs(headers), organizationId, keyId, confirm };
  const forwarded = await repeatCall(outbound, waitOptions, progress, lease.accessToken);
  return { admitted, isStale: progress.isStale, ...toPassed(forwarded, end, dependencies) };
}

/** Keeps the length of a streamed body: some of DingTalk's endpoints reject chunked bodies. Node has enforced the length. */
function lengthOf({ headers }: Incoming, stream: Readable | null): Record<string, string> {
  const length = headers.get("content-length") ?? "";
  return stream && /^\d{1,15}$/.test(length) ? { "content-length": length } : {};
}

const TOO_MANY = 429;

function toPassed(
  { answered, isThrottled }: { readonly answered: UpstreamAnswer; readonly isThrottled: boolean },
  end: (ended: CallEnd) => void,
  { stalledAfterMs = STALLED_READER_MS }: GatewayDependencies,
): Pick<GatewayAnswer, "status" | "headers" | "body"> {
  const { whole, stream, refusal } = answered;
  const status = isThrottled ? TOO_MANY : answered.status;
  const outcome = outcomeOf(answered, isThrottled);
  const headers = { ...answered.headers, ...(isThrottled && refusal && retryAfter(refusal)) };
  if (whole) {
    end({ outcome, answered, status, bytesOut: whole.length });
    if (whole.length === 0) return { status, headers, body: null };
    const length = { "content-length": String(whole.length) };
    return { status, headers: { ...headers, ...length }, body: Uint8Array.from(whole) };
  }
  let bytesOut = 0;
  let isWhole = false;
  let slow: NodeJS.Timeout | undefined;
  async function* counted(): AsyncGenerator<Uint8Array> {
    for await (const chunk of (stream ?? []) as AsyncIterable<Buffer>) {
      await nextTurn();
      bytesOut += chunk.length;
      slow = setTimeout(() => taken.destroy(new Error("the caller reads nothing")), stalledAfterMs);
      yield chunk;
      clearTimeout(slow);
    }
    isWhole = true;
  }
  const taken = Readable.from(counted(), { objectMode: false });
  // Not in the generator: its `finally` doesn't run when the caller disconnects before the first chunk
  taken.once("close", () => {
    clearTimeout(slow);
    stream?.destroy();
    end({ outcome: isWhole ? outcome : "left", answered, status, bytesOut });
  });
  return { status, headers, body: Readable.toWeb(taken) as ReadableStream<Uint8Array> };
}

const retryAfter = ({ retryAfterMs }: DingtalkError): Record<string, string> => ({
  "retry-after": String(Math.max(1, Math.ceil((retryAfterMs ?? 1_000) / 1_000))),
});
