import { type AccessToken, readAccessToken } from "./access-token";
import { call } from "./call";
import type { Dingtalk } from "./client";
import { requestSuiteToken, requestSuiteTokenLegacy, requestUnifiedToken } from "./corp-tokens";
import type { AppPair, Credentials } from "./credentials";
import { DingtalkError } from "./errors";
import { isUnreached, mayAskOlderHost } from "./host-fallback";

type TokenRequester = (dingtalk: Dingtalk) => Promise<AccessToken>;

function requestersOf(
  credentials: Credentials,
  signal?: AbortSignal,
): readonly [TokenRequester, TokenRequester?] {
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
 * Requests an app's token from the new host, which takes secrets in the body. The older host is asked only if the new
 * one can't be reached or lacks the API, never after refused credentials.
 *
 * Each host has half of `totalMs`. If the older host can't be reached either, the new host's failure is thrown.
 * Callers must store the token, because DingTalk limits token requests.
 */
export async function requestAccessTokenWithFallback(
  dingtalk: Dingtalk,
  credentials: Credentials,
  signal?: AbortSignal,
): Promise<AccessToken> {
  const [request, requestLegacy] = requestersOf(credentials, signal);
  if (!requestLegacy) return request(dingtalk);
  const half: Dingtalk = { ...dingtalk, totalMs: dingtalk.totalMs / 2 };
  try {
    return await request(half);
  } catch (first) {
    if (!(first instanceof DingtalkError) || !mayAskOlderHost(first)) throw first;
    try {
      return await requestLegacy(half);
    } catch (second) {
      throw second instanceof DingtalkError && isUnreached(second) ? first : second;
    }
  }
}

/**
 * Requests an internal app's token from the new host: `POST /v1.0/oauth2/accessToken`. While a token is valid, DingTalk
 * returns it again with a longer lifetime.
 *
 * @throws {DingtalkError} `credentials_refused` for wrong credentials
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
 * Requests the token from the older host, with the secret in the query, which proxies write to their logs.
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
