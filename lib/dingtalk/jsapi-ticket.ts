import { Redacted } from "@/lib/redacted";
import { err, ok, type Result } from "@/lib/result";
import { call, type DingtalkCaller } from "./call";
import type { Dingtalk } from "./client";
import { DingtalkError } from "./errors";
import { mayAskOlderHost } from "./host-fallback";
import { fieldOf } from "./read-fields";
import type { JsonObject } from "./read-json";

export type JsapiTicket = {
  readonly token: Redacted;
  readonly expiresAt: Date;
};

const LIFETIME_SECONDS_DEFAULT = 7_200;
/** Repeated requests extend a ticket's lifetime up to this limit. */
export const TICKET_SECONDS_MAX = 24 * 3_600;

/**
 * Requests the app's ticket: `POST /v1.0/oauth2/jsapiTickets` of the new host, or `GET /get_jsapi_ticket` of the older
 * one if the new host can't be reached or lacks the API. While a ticket is valid, DingTalk returns it again with a
 * longer lifetime.
 *
 * Both calls together end within `totalMs`, not counting the time for the caller's token.
 *
 * @see docs/dingtalk/jsapi-tickets.md#ticket-lifetime
 */
export async function requestJsapiTicket(
  dingtalk: Dingtalk,
  caller: DingtalkCaller,
  signal?: AbortSignal,
): Promise<JsapiTicket> {
  const half: Dingtalk = { ...dingtalk, totalMs: dingtalk.totalMs / 2 };
  const common = { ...caller, read: toTicket };
  try {
    const request = { host: "api", api: "v1.0/oauth2/jsapiTickets", method: "POST", ...common } as const;
    return await call(half, request, signal);
  } catch (error) {
    const mayFallBack = error instanceof DingtalkError && mayAskOlderHost(error);
    if (!mayFallBack) throw error;
    const query = { type: "jsapi" };
    return call(half, { host: "oapi", api: "get_jsapi_ticket", method: "GET", query, ...common }, signal);
  }
}

function toTicket(answer: JsonObject, sentAtMs: number): Result<JsapiTicket, string> {
  const ticket = fieldOf(answer, "jsapiTicket") ?? fieldOf(answer, "ticket");
  if (typeof ticket !== "string" || ticket === "") return err("jsapiTicket");
  const lifetime = Number(fieldOf(answer, "expireIn") ?? fieldOf(answer, "expires_in"));
  const isPlausible = lifetime > 0 && lifetime <= TICKET_SECONDS_MAX;
  const seconds = isPlausible ? lifetime : LIFETIME_SECONDS_DEFAULT;
  return ok({ token: new Redacted(ticket), expiresAt: new Date(sentAtMs + seconds * 1_000) });
}
