import "server-only";
import { type ApiKey, mayUseApp } from "@/lib/api-keys/api-key";
import { findApp } from "@/lib/api-keys/find-app";
import { type AppRef, keyOf } from "@/lib/app-ref";
import { inOrganizationSql } from "@/lib/db/unit-of-work";
import type { DingtalkCaller } from "@/lib/dingtalk/call";
import { AppError, notFound } from "@/lib/errors";
import { processWide } from "@/lib/process-wide";
import { callerOf } from "@/lib/tokens/dingtalk-caller";
import type { TokenService } from "@/lib/tokens/renewal/token-service";

type AppRow = { readonly id: string; readonly appKey: string; readonly corpId: string | null };

const LIST = `
  SELECT id, app_key AS "appKey", corp_id AS "corpId" FROM dingtalk_app WHERE organization_id = $1 ORDER BY id`;

/** Returns the apps that a key may use. An organization has few apps, so all are read. */
async function appsOf(key: ApiKey): Promise<AppRow[]> {
  const { organizationId } = key;
  const { rows } = await inOrganizationSql({ organizationId }, (client) =>
    client.query<AppRow>(LIST, [organizationId]),
  );
  return rows.filter(({ id }) => mayUseApp(key, id));
}

/**
 * Returns the app that a call with an API key is for.
 * @param named the value of the header `dingkeep-app`: an ID or an AppKey
 * @throws {AppError} `not_found`, also for an app that the key may not use; `invalid_input` without a required header
 */
export async function appOfCall(key: ApiKey, named: string | null): Promise<string> {
  if (named !== null) return findApp(key, named, "dingkeep-app");
  const ids = key.appIds ? [...key.appIds] : (await appsOf(key)).map(({ id }) => id);
  const [only] = ids;
  if (only === undefined) throw notFound("app");
  if (ids.length > 1) {
    throw new AppError("invalid_input", "the key may use several apps", { detail: "dingkeep-app" });
  }
  return only;
}

export type ClientName = {
  /** AppKey or SuiteKey; old clients send the CorpId instead. */
  readonly key: string;
  /** CorpId of the organization that the token is for; `null` on routes without one. */
  readonly corpId: string | null;
};

/** Returns the only app of the key that matches a client's names; `null` if none or several match. */
export async function appOfClient(key: ApiKey, { key: name, corpId }: ClientName): Promise<string | null> {
  const apps = (await appsOf(key)).filter((app) => corpId === null || (app.corpId ?? corpId) === corpId);
  const byKey = apps.filter(({ appKey }) => appKey === name);
  const found = byKey.length > 0 ? byKey : apps.filter((app) => app.corpId === name);
  return found.length === 1 ? (found[0]?.id ?? null) : null;
}

type CachedCaller = { readonly caller: DingtalkCaller; readonly readAtMs: number };

/** An app's AppKey and limits change rarely, by hand. */
const CACHED_MS = 10_000;
const CACHED_MAX = 10_000;

/** Returns the caller of an app's calls, cached for 10 s, or longer while the database is unavailable. */
export async function gatewayCaller(app: AppRef, service: TokenService): Promise<DingtalkCaller> {
  const cache = processWide("gateway.callers", () => new Map<string, CachedCaller>());
  const cached = cache.get(keyOf(app));
  if (cached && Date.now() - cached.readAtMs < CACHED_MS) return cached.caller;
  try {
    const caller = await callerOf(app, app.appId, service);
    if (cache.size >= CACHED_MAX) cache.clear();
    cache.set(keyOf(app), { caller, readAtMs: Date.now() });
    return caller;
  } catch (error) {
    const isAway = error instanceof AppError && error.code === "unavailable";
    if (isAway && cached) return cached.caller;
    throw error;
  }
}
