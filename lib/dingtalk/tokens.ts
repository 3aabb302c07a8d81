import { type AccessToken, readAccessToken } from "./access-token";
import { call } from "./call";
import type { Dingtalk } from "./client";
import { requestSuiteToken, requestSuiteTokenLegacy, requestUnifiedToken } from "./corp-tokens";
import type { AppPair, Credentials } from "./credentials";
import type { DingtalkErrorKind } from "./error-kinds";
import { DingtalkError } from "./errors";
import { isApiUnknown } from "./interpret-answer";

/** The way there failed, so that nothing is known of the pair. */
const UNREACHED: ReadonlySet<DingtalkErrorKind> = new Set<DingtalkErrorKind>([
  "host_unresolved",
  "unreachable",
  "timeout",
]);

/** One way to a token, within a limit of time. */
type Way = (dingtalk: Dingtalk) => Promise<AccessToken>;

/** The new host's way, and the older host's where there is one. */
function waysOf(credentials: Credentials, signal?: AbortSignal): readonly [Way, Way?] {
  switch (credentials.kind) {
    case "internal":
      return [
        (dingtalk) => requestAccessToken(dingtalk, credentials, signal),
        (dingtalk) => requestAccessTokenLegacy(dingtalk, credentials, signal),
      ];
    case "unified":
      return [(dingtalk) => requestUnifiedToken(dingtalk, credentials, signal)];
    case "isv":
      return [
        (dingtalk) => requestSuiteToken(dingtalk, credentials, signal),
        (dingtalk) => requestSuiteTokenLegacy(dingtalk, credentials, signal),
      ];
  }
}

/**
 * Asks for an app's token the way that keeps secrets out of addresses, and the older way only where the new host
 * cannot be reached or does not have the API. Credentials that are refused are refused: they are not tried again.
 *
 * Both ways together end within `totalMs`; each has half of it. If the older host cannot be reached
 * either, the failure of the new one is thrown.
 *
 * This function does not keep the token. DingTalk limits how often an app may ask, so callers must.
 *
 * @throws {DingtalkError} as `requestAccessToken`, `requestUnifiedToken` and `requestSuiteToken`
 * @throws the signal's reason when it aborts
 */
export async function requestAccessTokenWithFallback(
  dingtalk: Dingtalk,
  credentials: Credentials,
  signal?: AbortSignal,
): Promise<AccessToken> {
  const [ask, askOlder] = waysOf(credentials, signal);
  if (!askOlder) return ask(dingtalk);
  const half: Dingtalk = { ...dingtalk, totalMs: dingtalk.totalMs / 2 };
  try {
    return await ask(half);
  } catch (first) {
    if (!(first instanceof DingtalkError) || !mayFallBack(first)) throw first;
    try {
      return await askOlder(half);
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
 * @see docs/dingtalk/tokens.md#post-v10oauth2accesstoken
 * @see docs/dingtalk/tokens.md#lifetime-and-repeated-fetches
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
      read: readAccessToken(api),
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
 * @see docs/dingtalk/tokens.md#get-gettoken
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
      read: readAccessToken(api),
    },
    signal,
  );
}
