import "server-only";
import { type ApiKey, mayTouch } from "@/lib/api-keys/api-key";
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

/** The apps that a key may touch. An organization has few. */
async function appsOf(key: ApiKey): Promise<AppRow[]> {
  const { organizationId } = key;
  const { rows } = await inOrganizationSql({ organizationId }, (client) =>
    client.query<AppRow>(LIST, [organizationId]),
  );
  return rows.filter(({ id }) => mayTouch(key, id));
}

/**
 * The app that a call with the key itself is for.
 *
 * @param named what `dingkeep-app` says, if anything: an id or an AppKey
 * @throws {AppError} `not_found` for one that the key may not touch, too; `invalid_input` where it has to be named
 */
export async function appOfCall(key: ApiKey, named: string | null): Promise<string> {
  if (named !== null) return findApp(key, named, "dingkeep-app");
  const ids = key.appIds ? [...key.appIds] : (await appsOf(key)).map(({ id }) => id);
  const [only] = ids;
  if (only === undefined) throw notFound("app");
  if (ids.length > 1) {
    throw new AppError("invalid_input", "the key may touch several apps", { detail: "dingkeep-app" });
  }
  return only;
}

/** What a client of DingTalk's calls its app by. */
export type ClientName = {
  /** AppKey or SuiteKey; old clients give the organization's CorpId. */
  readonly key: string;
  /** The organization that the token shall be for, where the route names one. */
  readonly corpId: string | null;
};

/** The app behind a client's name, if the key may touch it and there is just one. */
export async function appOfClient(key: ApiKey, { key: name, corpId }: ClientName): Promise<string | null> {
  const apps = (await appsOf(key)).filter((app) => corpId === null || (app.corpId ?? corpId) === corpId);
  const byKey = apps.filter(({ appKey }) => appKey === name);
  const found = byKey.length > 0 ? byKey : apps.filter((app) => app.corpId === name);
  return found.length === 1 ? (found[0]?.id ?? null) : null;
}

type Known = { readonly caller: DingtalkCaller; readonly readAtMs: number };

/** What an app is called and allowed at DingTalk changes by hand, and seldom: it is read again after this. */
const KNOWN_MS = 10_000;
const KNOWN_MAX = 10_000;

/**
 * On whose behalf calls of an app are made. Its token comes from the service each time, which knows at once when the
 * app is disabled or gone; the rest may be some seconds old, or older while the database is away.
 *
 * @throws {AppError} `not_found`
 */
export async function gatewayCaller(app: AppRef, service: TokenService): Promise<DingtalkCaller> {
  const known = processWide("gateway.callers", () => new Map<string, Known>());
  const held = known.get(keyOf(app));
  if (held && Date.now() - held.readAtMs < KNOWN_MS) return held.caller;
  try {
    const caller = await callerOf(app, app.appId, service);
    if (known.size >= KNOWN_MAX) known.clear();
    known.set(keyOf(app), { caller, readAtMs: Date.now() });
    return caller;
  } catch (error) {
    const isAway = error instanceof AppError && error.code === "unavailable";
    if (isAway && held) return held.caller;
    throw error;
  }
}
