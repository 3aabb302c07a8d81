import "server-only";
import { type AppRef, keyOf, parseAppRef } from "@/lib/app-ref";
import { inOrganizationSql } from "@/lib/db/unit-of-work";
import type { DingtalkCaller, TokenSource } from "@/lib/dingtalk/call";
import { limiterIdOf } from "@/lib/dingtalk/limiter-id";
import { env } from "@/lib/env";
import { notFound } from "@/lib/errors";
import { type StoredCredentials, storedIdentityOf } from "@/lib/secrets/app-credentials";
import { currentToken, requestToken } from "./renewal/ensure-token";
import { ourTokenService, type TokenService } from "./renewal/token-service";
import type { TokenPurpose } from "./renewal/use-or-renew";

/**
 * Returns the app's identity, rate limit and tokens for calls to DingTalk, so that an app has one token in all
 * processes. `token.current` and `token.replace` throw as `ensureToken`.
 * @throws {AppError} `not_found`
 */
export async function callerOf(
  { organizationId }: { readonly organizationId: string },
  appId: string,
  service: TokenService = ourTokenService(),
): Promise<DingtalkCaller> {
  const app = parseAppRef(organizationId, appId);
  const { callsPerSecond, ...stored } = await readLimits(app);
  return {
    appKey: stored.appKey,
    limiterId: limiterIdOf(storedIdentityOf(stored)),
    callsPerSecond: callsPerSecond ?? env().DINGTALK_QPS,
    token: tokenSourceOf(service, app),
  };
}

type Limits = Pick<StoredCredentials, "kind" | "appKey" | "corpId"> & {
  readonly callsPerSecond: number | null;
};

const LIMITS = `
  SELECT kind, app_key AS "appKey", corp_id AS "corpId", calls_per_second AS "callsPerSecond" FROM dingtalk_app
  WHERE organization_id = $1 AND id = $2`;

function readLimits({ organizationId, appId }: AppRef): Promise<Limits> {
  return inOrganizationSql({ organizationId }, async (client) => {
    const { rows } = await client.query<Limits>(LIMITS, [organizationId, appId]);
    if (!rows[0]) throw notFound("app");
    return rows[0];
  });
}

function tokenSourceOf(service: TokenService, app: AppRef): TokenSource {
  return {
    current: async (signal) => (await currentToken(service, app, signal)).token,
    async replace(dead, signal) {
      const purpose: TokenPurpose = { for: "replacement", dead };
      // The key contains the dead string: a caller that lost an older token must not join this renewal.
      const key = JSON.stringify([keyOf(app), dead.reveal()]);
      return (await requestToken(service, app, { purpose, key, signal, reporter: { keyId: null } })).token;
    },
  };
}
