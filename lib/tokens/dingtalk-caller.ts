import "server-only";
import { type AppRef, keyOf } from "@/lib/app-ref";
import { inOrganizationSql } from "@/lib/db/unit-of-work";
import type { DingtalkCaller, TokenSource } from "@/lib/dingtalk/call";
import { limiterIdOf } from "@/lib/dingtalk/credentials";
import { env } from "@/lib/env";
import { notFound } from "@/lib/errors";
import { isUuid } from "@/lib/public-id";
import { type StoredCredentials, storedIdentityOf } from "@/lib/secrets/app-credentials";
import type { Need } from "./renewal/plan-renewal";
import { currentToken, shareToken } from "./renewal/share-token";
import { type Keeper, ourKeeper } from "./renewal/token-service";

/**
 * On whose behalf a call to DingTalk is made: every feature gets its caller here, so that an app has one token,
 * however many processes call.
 *
 * `current` and `replace` throw what `keepToken` says: a `DingtalkError` when there is no token to be had,
 * `not_found` once the app is gone, `conflict` while it is disabled.
 *
 * @throws {AppError} `not_found`, for another organization's app too
 */
export async function callerOf(
  { organizationId }: { readonly organizationId: string },
  appId: string,
  keeper: Keeper = ourKeeper(),
): Promise<DingtalkCaller> {
  if (!isUuid(appId)) throw notFound("app");
  const app = { organizationId, appId };
  const { callsPerSecond, ...stored } = await readLimits(app);
  return {
    appKey: stored.appKey,
    limiterId: limiterIdOf(storedIdentityOf(stored)),
    callsPerSecond: callsPerSecond ?? env().DINGTALK_QPS,
    token: tokenSourceOf(keeper, app),
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

function tokenSourceOf(keeper: Keeper, app: AppRef): TokenSource {
  return {
    current: async (signal) => (await currentToken(keeper, app, signal)).token,
    async replace(dead, signal) {
      const need: Need = { for: "replacement", dead };
      // By the dead string: who lost an older one needs no renewal, and must not be given one.
      const key = JSON.stringify([keyOf(app), dead.reveal()]);
      return (await shareToken(keeper, app, { need, key, signal, reporter: { keyId: null } })).token;
    },
  };
}
