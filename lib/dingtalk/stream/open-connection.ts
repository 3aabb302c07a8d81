import { Redacted } from "@/lib/redacted";
import { err, ok, type Result } from "@/lib/result";
import { call } from "../call";
import type { Dingtalk } from "../client";
import type { AppPair } from "../credentials";
import { DingtalkError } from "../errors";
import { fieldOf, textOf } from "../read-fields";
import type { JsonObject } from "../read-json";
import { trustedEndpoint } from "./trusted-endpoint";

/** The pair of an app and its rate limit. */
export type StreamApp = AppPair & { readonly limiterId: string; readonly callsPerSecond: number };

/** The address with its ticket, which is valid once and for 90 seconds. */
export type Opening = { readonly host: string; readonly url: Redacted };

const API = "v1.0/gateway/connections/open";
const ALL_EVENTS = [{ type: "EVENT", topic: "*" }];
const TICKET_CHARACTERS_MAX = 4_096;

/**
 * Requests the address of a WebSocket for all events of an app. The request needs no access token.
 *
 * @throws {DingtalkError} `credentials_refused`; `wrong_host` for an address outside of DingTalk
 * @throws the signal's reason
 * @see docs/dingtalk/stream.md#open-a-connection
 */
export async function openConnection(
  dingtalk: Dingtalk,
  { appKey, appSecret, limiterId, callsPerSecond }: StreamApp,
  signal: AbortSignal,
): Promise<Opening> {
  const body = JSON.stringify({
    clientId: appKey,
    clientSecret: appSecret.reveal(),
    subscriptions: ALL_EVENTS,
    ua: "dingkeep",
  });
  const { endpoint, ticket } = await call(
    dingtalk,
    {
      host: "api",
      api: API,
      method: "POST",
      appKey,
      limiterId,
      callsPerSecond,
      token: null,
      body,
      secrets: [appSecret],
      read: readOpening,
    },
    signal,
  );
  const url = trustedEndpoint(endpoint, dingtalk.apiUrl);
  if (url === null) {
    const host = URL.parse(endpoint)?.host.slice(0, 253) ?? "";
    const message = "the gateway returned an address outside of DingTalk";
    throw new DingtalkError({ kind: "wrong_host", api: API, upstream: { host, message } });
  }
  url.searchParams.set("ticket", ticket.reveal());
  return { host: url.host, url: new Redacted(url.href) };
}

function readOpening(answer: JsonObject): Result<{ endpoint: string; ticket: Redacted }, string> {
  const endpoint = textOf(fieldOf(answer, "endpoint"));
  const ticket = textOf(fieldOf(answer, "ticket"));
  if (endpoint === null) return err("endpoint");
  if (ticket === null || ticket.length > TICKET_CHARACTERS_MAX) return err("ticket");
  return ok({ endpoint, ticket: new Redacted(ticket) });
}
