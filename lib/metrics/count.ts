import "server-only";
import type { DingtalkAttempt } from "@/lib/dingtalk/client";
import { metrics } from "./registry";

/** APIs that Dingkeep calls. All others are counted as `other`, because services can call any path through the gateway. */
const OWN_APIS: ReadonlySet<string> = new Set([
  "gettoken",
  "v1.0/oauth2/accessToken",
  "v1.0/oauth2/corpAccessToken",
  "service/get_corp_token",
  "get_jsapi_ticket",
  "auth/scopes",
  "department/list",
  "topapi/v2/department/listsub",
  "topapi/v2/department/get",
]);

const labelOf = (api: string): string => (OWN_APIS.has(api) ? api : "other");

export function countAttempt({ api, outcome, durationMs }: DingtalkAttempt): void {
  const { upstreamCalls, upstreamSeconds } = metrics();
  upstreamCalls.inc({ api: labelOf(api), outcome });
  upstreamSeconds.observe({ api: labelOf(api) }, durationMs / 1_000);
}

/**
 * Counts a service's request by its route and the class of its status.
 * @param route the name of the operation, or `gateway`; never a URL
 * @param durationMs `null` for a long poll
 */
export function countRequest(route: string, status: number, durationMs: number | null): void {
  const { requests, requestSeconds } = metrics();
  requests.inc({ route, status: `${Math.floor(status / 100)}xx` });
  if (durationMs !== null) requestSeconds.observe({ route }, durationMs / 1_000);
}

/** Counts a callback of DingTalk. `failed`: not stored because of an outage, so DingTalk repeats it. */
export function countCallback(
  outcome: "checked" | "stored" | "duplicate" | "refused" | "failed",
  durationMs: number,
): void {
  const { callbacks, callbackSeconds } = metrics();
  callbacks.inc({ outcome });
  callbackSeconds.observe(durationMs / 1_000);
}

/** Counts changes of the directory that a sync found and no event had announced. */
export const countMissed = (changes: number): void => metrics().missedEvents.inc(changes);
