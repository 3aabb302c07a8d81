import "server-only";
import { inOrganizationSql } from "@/lib/db/unit-of-work";
import { AppError, notFound } from "@/lib/errors";
import { processWide } from "@/lib/process-wide";
import { isUuid } from "@/lib/public-id";
import { type ApiKey, mayUseApp } from "./api-key";

const APP_KEY = /^[\w-]{1,200}$/;
/** Short, although an AppKey's app changes only when the app is deleted and connected again. */
const CACHE_MS = 10_000;
const CACHE_MAX = 10_000;

type CachedIds = { readonly ids: readonly string[]; readonly readAtMs: number };

const IDS = "SELECT id FROM dingtalk_app WHERE organization_id = $1 AND app_key = $2 ORDER BY id";

async function readIds(organizationId: string, appKey: string): Promise<readonly string[]> {
  const { rows } = await inOrganizationSql({ organizationId }, (client) =>
    client.query<{ id: string }>(IDS, [organizationId, appKey]),
  );
  return rows.map(({ id }) => id);
}

async function idsOf(organizationId: string, appKey: string): Promise<readonly string[]> {
  const cache = processWide("keys.appsByAppKey", () => new Map<string, CachedIds>());
  const name = `${organizationId}/${appKey}`;
  const cached = cache.get(name);
  if (cached && Date.now() - cached.readAtMs < CACHE_MS) return cached.ids;
  try {
    const ids = await readIds(organizationId, appKey);
    if (cache.size >= CACHE_MAX) cache.clear();
    if (ids.length > 0) cache.set(name, { ids, readAtMs: Date.now() });
    else cache.delete(name);
    return ids;
  } catch (error) {
    const isUnreachable = error instanceof AppError && error.code === "unavailable";
    if (isUnreachable && cached) return cached.ids;
    throw error;
  }
}

/**
 * Returns the id of the app that a caller names by id or AppKey.
 * @param where the parameter or header that names it
 * @throws {AppError} `not_found`, also for an app that the key may not use; `invalid_input` for an ambiguous AppKey
 */
export async function findApp(key: ApiKey, named: string, where: string): Promise<string> {
  if (isUuid(named)) {
    if (!mayUseApp(key, named)) throw notFound("app");
    return named;
  }
  if (!APP_KEY.test(named)) throw notFound("app");
  const ids = (await idsOf(key.organizationId, named)).filter((id) => mayUseApp(key, id));
  const [only] = ids;
  if (only === undefined) throw notFound("app");
  if (ids.length > 1) throw new AppError("invalid_input", "several apps have the AppKey", { detail: where });
  return only;
}
