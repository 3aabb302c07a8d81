import "server-only";
import { Readable } from "node:stream";
import type { Admitted } from "@/lib/api-keys/admit-key";
import type { Dingtalk } from "@/lib/dingtalk/client";
import type { DingtalkError } from "@/lib/dingtalk/errors";
import { WaitingRequests } from "@/lib/limits/waiting-requests";
import { nextTurn } from "@/lib/loop-turns";
import { countRequest } from "@/lib/metrics/count";
import { processWide } from "@/lib/process-wide";
import { takeLease } from "@/lib/tokens/lease/read-lease";
import { ourTokenService, type TokenService } from "@/lib/tokens/renewal/token-service";
import { ourDingtalk, SERVICES_CONNECTIONS } from "@/lib/upstream/our-dingtalk";
import { type AdmittedCall, admitCall, assertMayPass, hasKey, type Incoming } from "./admit";
import type { Answered } from "./exchange";
import { type CallCounts, forward } from "./forward";
import { gatewayCaller } from "./gateway-app";
import { headersUp, preferredWaitMs } from "./headers";
import { holdBody } from "./buffer-body";
import { apiOf } from "./reading-paths";
import { assertMayBegin, type GatewayCall, type GatewayOutcome, reportCall } from "./report";
import { assertPassable, readTarget, type Target } from "./target";
import { answerToken, tokenRouteOf } from "./token-routes";

/** How the gateway reaches DingTalk, and keeps tokens. */
export type Way = {
  readonly dingtalk: Dingtalk;
  readonly service: TokenService;
  /** Whoever takes nothing of an answer for this long is given up (S30). */
  readonly takesNothingMs?: number;
  /** The calls that are not over, by organization: each may hold a body, a turn and a connection. */
  readonly underWay?: WaitingRequests;
};

/** Limits of one organization, and of all together: without a free connection a call would wait with no time limit. */
const UNDER_WAY = { ofKey: 100, ofAll: SERVICES_CONNECTIONS };

const TAKES_NOTHING_MS = 30_000;

const ourWay = (): Way =>
  processWide("gateway.way", () => ({
    dingtalk: ourDingtalk(undefined, { connections: "services" }),
    service: ourTokenService(),
    underWay: new WaitingRequests(UNDER_WAY),
  }));

type Told = {
  readonly admitted: Admitted | null;
  /** The database could not be asked. */
  readonly isStale: boolean;
};

/** An answer of DingTalk's, or one in its place. */
export type Passed = Told & {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array> | null;
};

/** No answer: why, and what the caller takes for a refusal. */
export type NotPassed = Told & {
  readonly failure: unknown;
  readonly host: "oapi" | "api";
  /** A client of DingTalk's, which knows its codes and not ours. */
  readonly isClient: boolean;
  readonly asksToken: boolean;
};

/** What is known of a call so far; filled in as it goes. */
type Course = CallCounts & {
  target: Target | null;
  call: AdmittedCall | null;
  admitted: Admitted | null;
  isStale: boolean;
  asksToken: boolean;
  bytesIn: () => number;
  /** The call is over. */
  leave: (() => void) | undefined;
};

/**
 * Serves DingTalk's own interface: a request that came to us goes to DingTalk with the app's token in place of what
 * the caller has, and the answer comes back as it is.
 */
export async function passOn(incoming: Incoming, way: Way = ourWay()): Promise<Passed | NotPassed> {
  const startedAt = performance.now();
  const course: Course = {
    target: null,
    call: null,
    admitted: null,
    isStale: false,
    asksToken: false,
    attempts: 0,
    throttles: 0,
    bytesIn: () => 0,
    leave: undefined,
  };
  const end = (ended: Ended) => {
    course.leave?.();
    report(incoming, course, { ...ended, ms: performance.now() - startedAt });
  };
  try {
    const target = readTarget(incoming.target);
    course.target = target;
    const route = tokenRouteOf(incoming, target);
    if (!route) return await passTo(target, { incoming, way, course, end });
    course.asksToken = true;
    const { admitted, answer } = await answerToken(route, incoming, target);
    const bytes = Buffer.from(JSON.stringify(answer));
    countRequest("gateway", 200, performance.now() - startedAt);
    const headers = { "content-type": "application/json", "content-length": String(bytes.length) };
    return { admitted, isStale: admitted.isStale, status: 200, headers, body: Uint8Array.from(bytes) };
  } catch (failure) {
    const { target, admitted, isStale, asksToken } = course;
    const isGone = incoming.signal.aborted;
    end({ failure, outcome: isGone ? "left" : course.attempts > 0 ? "failed" : "refused" });
    const isClient = !hasKey(incoming.headers);
    return { failure, admitted, isStale, asksToken, isClient, host: target?.host ?? "oapi" };
  }
}

type Ended = {
  readonly outcome: GatewayOutcome;
  readonly answered?: Answered;
  readonly status?: number;
  readonly bytesOut?: number;
  readonly failure?: unknown;
};

type Passing = {
  readonly incoming: Incoming;
  readonly way: Way;
  readonly course: Course;
  readonly end: (ended: Ended) => void;
};

async function passTo(target: Target, { incoming, way, course, end }: Passing): Promise<Passed> {
  const { dingtalk, service } = way;
  const { method, headers, signal } = incoming;
  assertPassable(target);
  const call = await admitCall(incoming, target, dingtalk.now());
  const { admitted, app, confirm } = call;
  Object.assign(course, { call, admitted, isStale: admitted.isStale });
  assertMayPass(admitted.key, method, target);
  const { keyId } = admitted.key;
  const { organizationId } = app;
  await assertMayBegin({ ...app, keyId, host: target.host, path: target.path });
  course.leave = way.underWay?.enter(organizationId);
  const body = await holdBody(incoming.body);
  course.bytesIn = body.bytes;
  const caller = await gatewayCaller(app, service);
  const lease = await takeLease(service, app, signal);
  course.isStale ||= lease.isStale;
  const onward = {
    dingtalk,
    caller,
    target,
    api: apiOf(target),
    method,
    headers: { ...headersUp(headers), ...lengthOf(incoming, body.onItsWay) },
    body,
    signal,
  };
  const patience = { waitMs: preferredWaitMs(headers), organizationId, keyId, confirm };
  const forwarded = await forward(onward, patience, course, lease.accessToken);
  return { admitted, isStale: course.isStale, ...toPassed(forwarded, end, way) };
}

/** A body that is streamed keeps its length, for DingTalk takes no other everywhere. Node held the caller to it. */
function lengthOf({ headers }: Incoming, onItsWay: Readable | null): Record<string, string> {
  const length = headers.get("content-length") ?? "";
  return onItsWay && /^\d{1,15}$/.test(length) ? { "content-length": length } : {};
}

const TOO_MANY = 429;

function outcomeOf({ refusal, status }: Answered, isThrottled: boolean): GatewayOutcome {
  if (isThrottled) return "throttled";
  return refusal !== null || status >= 400 ? "dingtalk_refused" : "ok";
}

function toPassed(
  { answered, isThrottled }: { readonly answered: Answered; readonly isThrottled: boolean },
  end: (ended: Ended) => void,
  { takesNothingMs = TAKES_NOTHING_MS }: Way,
): Pick<Passed, "status" | "headers" | "body"> {
  const { whole, onItsWay, refusal } = answered;
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
    for await (const chunk of (onItsWay ?? []) as AsyncIterable<Buffer>) {
      await nextTurn();
      bytesOut += chunk.length;
      slow = setTimeout(() => taken.destroy(new Error("whoever called takes nothing")), takesNothingMs);
      yield chunk;
      clearTimeout(slow);
    }
    isWhole = true;
  }
  const taken = Readable.from(counted(), { objectMode: false });
  // Not in the generator, whose `finally` never runs when the caller leaves before the first chunk is asked for
  taken.once("close", () => {
    clearTimeout(slow);
    onItsWay?.destroy();
    end({ outcome: isWhole ? outcome : "left", answered, status, bytesOut });
  });
  return { status, headers, body: Readable.toWeb(taken) as ReadableStream<Uint8Array> };
}

const retryAfter = ({ retryAfterMs }: DingtalkError): Record<string, string> => ({
  "retry-after": String(Math.max(1, Math.ceil((retryAfterMs ?? 1_000) / 1_000))),
});

function report(
  { method }: Incoming,
  { target, call, attempts, throttles, bytesIn }: Course,
  { outcome, answered, status, bytesOut = 0, failure, ms }: Ended & { readonly ms: number },
): void {
  const said = status ?? statusOf(failure);
  countRequest("gateway", said, ms);
  if (!target || !call) return;
  const { app, admitted } = call;
  const reported: GatewayCall = {
    ...app,
    keyId: admitted.key.keyId,
    at: new Date(Date.now() - ms),
    method,
    path: target.path,
    host: target.host,
    status: said,
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

const INTERNAL = 500;

const statusOf = (failure: unknown): number =>
  typeof failure === "object" && failure !== null && "status" in failure && typeof failure.status === "number"
    ? failure.status
    : INTERNAL;
