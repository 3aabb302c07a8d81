import type { Redacted } from "@/lib/redacted";
import { type AccessToken, readAccessToken } from "./access-token";
import { call } from "./call";
import type { Dingtalk } from "./client";
import { identityOf, type SuiteCredentials, type UnifiedCredentials } from "./credentials";
import type { DingtalkErrorKind } from "./error-kinds";
import { DingtalkError, withKind } from "./errors";
import { limiterIdOf } from "./limiter-id";
import { signSuite } from "./suite-signature";

/** Other characters in a CorpId would address another path of the host. */
const CORP_ID = /^[\w-]{1,200}$/;

const limiterId = (credentials: UnifiedCredentials | SuiteCredentials) =>
  limiterIdOf(identityOf(credentials));

/**
 * Requests a token of one organization: `POST /v1.0/oauth2/{corpId}/token`. The older host has no such API.
 *
 * No source says if a repeated request returns the same token, so callers must support both.
 *
 * @throws {DingtalkError} `client_refused` for wrong credentials; `organization_unauthorized` when the organization has
 *   not installed the app; `corp_id_wrong`, without a call, for a malformed CorpId
 * @see docs/dingtalk/tokens.md#post-v10oauth2corpidtoken
 */
export async function requestUnifiedToken(
  dingtalk: Dingtalk,
  credentials: UnifiedCredentials,
  signal?: AbortSignal,
): Promise<AccessToken> {
  const api = "v1.0/oauth2/{corpId}/token";
  const { appKey, appSecret, corpId } = credentials;
  if (!CORP_ID.test(corpId)) throw notSent(dingtalk, api, ["corp_id_wrong", "the CorpId is malformed"]);
  return call(
    dingtalk,
    {
      host: "api",
      api,
      path: `v1.0/oauth2/${corpId}/token`,
      method: "POST",
      appKey,
      limiterId: limiterId(credentials),
      token: null,
      body: JSON.stringify({
        client_id: appKey,
        client_secret: appSecret.reveal(),
        grant_type: "client_credentials",
      }),
      secrets: [appSecret],
      read: readAccessToken(api),
    },
    signal,
  );
}

/**
 * Requests a third-party app's token for one customer: `POST /v1.0/oauth2/corpAccessToken`. Each call returns a new
 * token. No source says if the previous token stays valid.
 *
 * @throws {DingtalkError} `suite_ticket_stale`, without a call when there is no ticket; `suite_credentials_refused`;
 *   `authorization_withdrawn` when the customer has not authorized the app
 * @see docs/dingtalk/third-party-apps.md#post-v10oauth2corpaccesstoken
 */
export async function requestSuiteToken(
  dingtalk: Dingtalk,
  credentials: SuiteCredentials,
  signal?: AbortSignal,
): Promise<AccessToken> {
  const api = "v1.0/oauth2/corpAccessToken";
  const { suiteKey, suiteSecret, corpId } = credentials;
  const suiteTicket = ticketOf(dingtalk, credentials);
  const body = JSON.stringify({
    suiteKey,
    suiteSecret: suiteSecret.reveal(),
    authCorpId: corpId,
    suiteTicket: suiteTicket.reveal(),
  });
  const request = {
    host: "api",
    api,
    method: "POST",
    appKey: suiteKey,
    limiterId: limiterId(credentials),
    body,
  } as const;
  const secrets = [suiteSecret, suiteTicket];
  return withSuiteKinds(
    call(dingtalk, { ...request, token: null, secrets, read: readAccessToken(api) }, signal),
  );
}

/**
 * Requests the token from the older host: `POST /service/get_corp_token`. The request is signed and contains no
 * secret, but it has the suite ticket in its query, which proxies write to their logs.
 *
 * @throws {DingtalkError} also `signature_refused`, for a wrong SuiteSecret or a clock that is a minute off
 * @see docs/dingtalk/third-party-apps.md#post-serviceget_corp_token
 */
export async function requestSuiteTokenLegacy(
  dingtalk: Dingtalk,
  credentials: SuiteCredentials,
  signal?: AbortSignal,
): Promise<AccessToken> {
  const api = "service/get_corp_token";
  const { suiteKey, suiteSecret, corpId } = credentials;
  const suiteTicket = ticketOf(dingtalk, credentials);
  const timestamp = String(dingtalk.now());
  const query = {
    accessKey: suiteKey,
    timestamp,
    suiteTicket: suiteTicket.reveal(),
    signature: signSuite(suiteSecret, suiteTicket, timestamp),
  };
  const body = JSON.stringify({ auth_corpid: corpId });
  const request = {
    host: "oapi",
    api,
    method: "POST",
    appKey: suiteKey,
    limiterId: limiterId(credentials),
    body,
    query,
  } as const;
  const secrets = [suiteSecret, suiteTicket];
  return withSuiteKinds(
    call(dingtalk, { ...request, token: null, secrets, read: readAccessToken(api) }, signal),
  );
}

function ticketOf(dingtalk: Dingtalk, { suiteTicket }: SuiteCredentials): Redacted {
  if (suiteTicket) return suiteTicket;
  const why = ["suite_ticket_stale", "no suite ticket has come yet"] as const;
  throw notSent(dingtalk, "v1.0/oauth2/corpAccessToken", why);
}

function notSent(
  { apiUrl }: Dingtalk,
  api: AccessToken["source"],
  [kind, message]: readonly [DingtalkErrorKind, string],
): DingtalkError {
  return new DingtalkError({ kind, api, upstream: { host: new URL(apiUrl).host, message } });
}

/** Reports refused credentials as `suite_credentials_refused`: the same codes mean SuiteKey and SuiteSecret here. */
async function withSuiteKinds(asking: Promise<AccessToken>): Promise<AccessToken> {
  try {
    return await asking;
  } catch (error) {
    const isPairRefused =
      error instanceof DingtalkError &&
      (error.kind === "credentials_refused" || error.kind === "client_refused");
    throw isPairRefused ? withKind(error, "suite_credentials_refused") : error;
  }
}
