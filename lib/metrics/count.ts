import "server-only";
import type { DingtalkAttempt } from "@/lib/dingtalk/client";
import { metrics } from "./registry";

/** The APIs that Dingkeep calls by itself. What services call by the gateway is whatever they like, and one name. */
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

/** Counts an exchange with DingTalk. */
export function countAttempt({ api, outcome, durationMs }: DingtalkAttempt): void {
  const { upstreamCalls, upstreamSeconds } = metrics();
  upstreamCalls.inc({ api: labelOf(api), outcome });
  upstreamSeconds.observe({ api: labelOf(api) }, durationMs / 1_000);
}

/**
 * Counts a service's request, by the class of its status.
 *
 * @param route its operation's name, or `gateway`: never an address
 * @param durationMs `null` for one that may have waited because it was asked to
 */
export function countRequest(route: string, status: number, durationMs: number | null): void {
  const { requests, requestSeconds } = metrics();
  requests.inc({ route, status: `${Math.floor(status / 100)}xx` });
  if (durationMs !== null) requestSeconds.observe({ route }, durationMs / 1_000);
}
