import { createHash } from "node:crypto";
import { Redacted } from "@/lib/redacted";
import { err, ok, type Result } from "@/lib/result";
import { call, type DingtalkCaller } from "./call";
import type { Dingtalk } from "./client";
import type { DingtalkErrorKind } from "./error-kinds";
import { DingtalkError } from "./errors";
import { isApiUnknown } from "./interpret-answer";
import { fieldOf } from "./read-fields";
import type { JsonObject } from "./read-json";

/** What a page of an organization is signed with, so that DingTalk's client lets it use the JSAPI. */
export type JsapiTicket = {
  readonly token: Redacted;
  /** By our clock, counted from before the request. */
  readonly expiresAt: Date;
};

const LIFETIME_SECONDS_DEFAULT = 7_200;
/** However often it is asked for, a ticket lives no longer (docs/dingtalk/jsapi-tickets.md#ticket-lifetime). */
export const TICKET_SECONDS_MAX = 24 * 3_600;

const UNREACHED: ReadonlySet<DingtalkErrorKind> = new Set<DingtalkErrorKind>([
  "host_unresolved",
  "unreachable",
  "timeout",
]);

/**
 * The app's ticket: `POST /v1.0/oauth2/jsapiTickets` of the new host, and `GET /get_jsapi_ticket` of the older one
 * only where that can't be reached or does not have the API. Asked again while it lives, DingTalk gives the same
 * ticket and a longer life, up to a day.
 *
 * Both ways together end within `totalMs`, but for the time that the caller's token takes.
 *
 * @throws {DingtalkError} any kind
 * @throws the signal's reason when it aborts
 * @see docs/dingtalk/jsapi-tickets.md#ticket-lifetime
 */
export async function requestJsapiTicket(
  dingtalk: Dingtalk,
  caller: DingtalkCaller,
  signal?: AbortSignal,
): Promise<JsapiTicket> {
  const half: Dingtalk = { ...dingtalk, totalMs: dingtalk.totalMs / 2 };
  const of = { ...caller, read: toTicket };
  try {
    const request = { host: "api", api: "v1.0/oauth2/jsapiTickets", method: "POST", ...of } as const;
    return await call(half, request, signal);
  } catch (error) {
    const mayFallBack = error instanceof DingtalkError && (UNREACHED.has(error.kind) || isApiUnknown(error));
    if (!mayFallBack) throw error;
    const query = { type: "jsapi" };
    return call(half, { host: "oapi", api: "get_jsapi_ticket", method: "GET", query, ...of }, signal);
  }
}

function toTicket(answer: JsonObject, sentAtMs: number): Result<JsapiTicket, string> {
  const ticket = fieldOf(answer, "jsapiTicket") ?? fieldOf(answer, "ticket");
  if (typeof ticket !== "string" || ticket === "") return err("jsapiTicket");
  const given = Number(fieldOf(answer, "expireIn") ?? fieldOf(answer, "expires_in"));
  const isLifetime = given > 0 && given <= TICKET_SECONDS_MAX;
  const seconds = isLifetime ? given : LIFETIME_SECONDS_DEFAULT;
  return ok({ token: new Redacted(ticket), expiresAt: new Date(sentAtMs + seconds * 1_000) });
}

/** Older clients of DingTalk's take SHA-1 only, as all programs sign; its present page says SHA-256. */
export type JsapiHash = "sha256" | "sha1";

export type JsapiPage = {
  readonly nonceStr: string;
  readonly timeStamp: number;
  /** As `jsapiUrlOf` makes it. */
  readonly url: string;
};

/** The signature for `dd.config`, in hexadecimal digits. */
export function signJsapi(
  ticket: Redacted,
  { nonceStr, timeStamp, url }: JsapiPage,
  hash: JsapiHash,
): string {
  const plain = `jsapi_ticket=${ticket.reveal()}&noncestr=${nonceStr}&timestamp=${timeStamp}&url=${url}`;
  return createHash(hash).update(plain, "utf8").digest("hex");
}

/**
 * A page's address as DingTalk's client signs it: what the browser calls `location.href`, without the fragment,
 * and with its query decoded.
 */
export function jsapiUrlOf(page: URL): string {
  const query = decoded(page.search.slice(1));
  return `${page.origin}${page.pathname}${query === "" ? "" : `?${query}`}`;
}

/** What isn't encoded as it should be stays as it is. */
function decoded(query: string): string {
  try {
    return decodeURIComponent(query.replaceAll("+", " "));
  } catch {
    return query;
  }
}
