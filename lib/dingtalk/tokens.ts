import { Redacted } from "@/lib/redacted";
import { err, ok, type Result } from "@/lib/result";
import { call } from "./call";
import type { Dingtalk } from "./client";
import type { DingtalkErrorKind } from "./error-kinds";
import { DingtalkError } from "./errors";
import { isApiUnknown } from "./interpret-answer";
import { fieldOf } from "./read-fields";
import type { JsonObject } from "./read-json";

/** The pair that DingTalk gives an app; it calls them Client ID and Client Secret as well. */
export type AppPair = { readonly appKey: string; readonly appSecret: Redacted };

export type AccessToken = {
  readonly token: Redacted;
  /** When DingTalk stops honouring it, by our clock, counted from before the request. */
  readonly expiresAt: Date;
  readonly lifetimeSeconds: number;
  /** The API that gave it. */
  readonly source: "v1.0/oauth2/accessToken" | "gettoken";
};

const LIFETIME_SECONDS_DEFAULT = 7_200;
/** More than this is no lifetime but a mistake, and a date that far is none. */
const LIFETIME_SECONDS_MAX = 366 * 24 * 3_600;

/** The way there failed, so that nothing is known of the pair. */
const UNREACHED: ReadonlySet<DingtalkErrorKind> = new Set<DingtalkErrorKind>([
  "host_unresolved",
  "unreachable",
  "timeout",
]);

/**
 * Asks for an app's token the way that keeps the secret out of addresses, and the older way only where the
 * new host cannot be reached or does not have the API. A pair that is refused is refused: it is not tried again.
 *
 * Both ways together end within `totalMs`; each has half of it. If the older host cannot be reached
 * either, the failure of the new one is thrown.
 *
 * This function does not keep the token. DingTalk limits how often an app may ask, so callers must.
 *
 * @throws {DingtalkError} as `requestAccessToken`
 * @throws the signal's reason when it aborts
 */
export async function requestAccessTokenWithFallback(
  dingtalk: Dingtalk,
  pair: AppPair,
  signal?: AbortSignal,
): Promise<AccessToken> {
  const half: Dingtalk = { ...dingtalk, totalMs: dingtalk.totalMs / 2 };
  try {
    return await requestAccessToken(half, pair, signal);
  } catch (first) {
    if (!(first instanceof DingtalkError) || !mayFallBack(first)) throw first;
    try {
      return await requestAccessTokenLegacy(half, pair, signal);
    } catch (second) {
      throw second instanceof DingtalkError && UNREACHED.has(second.kind) ? first : second;
    }
  }
}

const mayFallBack = (error: DingtalkError): boolean => UNREACHED.has(error.kind) || isApiUnknown(error);

/**
 * Exchanges an app's key and secret for its token: `POST /v1.0/oauth2/accessToken` of the new host, the
 * pair in the body.
 *
 * While a token is valid, DingTalk answers with the same one and a longer life.
 *
 * @throws {DingtalkError} `credentials_refused` for a wrong pair; any other kind
 * @throws the signal's reason when it aborts
 * @see reference/dingtalk-api.md 1.2, 1.6
 */
export async function requestAccessToken(
  dingtalk: Dingtalk,
  { appKey, appSecret }: AppPair,
  signal?: AbortSignal,
): Promise<AccessToken> {
  const api = "v1.0/oauth2/accessToken";
  return call(
    dingtalk,
    {
      host: "api",
      api,
      method: "POST",
      appKey,
      token: null,
      body: JSON.stringify({ appKey, appSecret: appSecret.reveal() }),
      secrets: [appSecret],
      read: (answer, sentAtMs) => toAccessToken(answer, { sentAtMs, source: api }),
    },
    signal,
  );
}

/**
 * The same of the older host: `GET /gettoken`, with the secret in the query, where proxies write it into
 * their logs. Use `requestAccessTokenWithFallback`.
 *
 * @throws {DingtalkError} as `requestAccessToken`
 * @throws the signal's reason when it aborts
 * @see reference/dingtalk-api.md 1.1
 */
export async function requestAccessTokenLegacy(
  dingtalk: Dingtalk,
  { appKey, appSecret }: AppPair,
  signal?: AbortSignal,
): Promise<AccessToken> {
  const api = "gettoken";
  return call(
    dingtalk,
    {
      host: "oapi",
      api,
      method: "GET",
      appKey,
      token: null,
      query: { appkey: appKey, appsecret: appSecret.reveal() },
      secrets: [appSecret],
      read: (answer, sentAtMs) => toAccessToken(answer, { sentAtMs, source: api }),
    },
    signal,
  );
}

type Asked = { readonly sentAtMs: number; readonly source: AccessToken["source"] };

function toAccessToken(answer: JsonObject, { sentAtMs, source }: Asked): Result<AccessToken, string> {
  const token = fieldOf(answer, "accessToken") ?? fieldOf(answer, "access_token");
  // It goes into a header and an address: what could break either is no token
  if (typeof token !== "string" || !/^[\x21-\x7e]{1,4096}$/.test(token)) return err("accessToken");
  const lifetimeSeconds = lifetimeSecondsOf(answer);
  const expiresAt = new Date(sentAtMs + lifetimeSeconds * 1_000);
  return ok({ token: new Redacted(token), expiresAt, lifetimeSeconds, source });
}

/** Missing, 0 or negative would mean asking again at once and for ever, so the documented 7,200 s stand in. */
function lifetimeSecondsOf(answer: JsonObject): number {
  const names = ["expireIn", "expires_in", "expiresIn"];
  const value = names.map((name) => fieldOf(answer, name)).find((found) => found !== undefined);
  const seconds = typeof value === "string" ? Number(value) : value;
  if (typeof seconds !== "number" || !(seconds > 0)) return LIFETIME_SECONDS_DEFAULT;
  return seconds > LIFETIME_SECONDS_MAX ? LIFETIME_SECONDS_DEFAULT : seconds;
}
