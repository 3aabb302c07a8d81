import "server-only";
import { inOrganizationSql } from "@/lib/db/unit-of-work";
import { AppError, notFound } from "@/lib/errors";
import { processWide } from "@/lib/process-wide";
import { isUuid } from "@/lib/public-id";
import { type ApiKey, mayTouch } from "./api-key";

/** AppKeys, SuiteKeys and client IDs, as DingTalk makes them. */
const APP_KEY = /^[\w-]{1,200}$/;
/** An AppKey's app changes only when the app is deleted and connected again. */
const KNOWN_MS = 10_000;
const KNOWN_MAX = 10_000;

type Known = { readonly ids: readonly string[]; readonly readAtMs: number };

const IDS = "SELECT id FROM dingtalk_app WHERE organization_id = $1 AND app_key = $2 ORDER BY id";

async function readIds(organizationId: string, appKey: string): Promise<readonly string[]> {
  const { rows } = await inOrganizationSql({ organizationId }, (client) =>
    client.query<{ id: string }>(IDS, [organizationId, appKey]),
  );
  return rows.map(({ id }) => id);
}

/** Remembers the apps of an AppKey for a few seconds, and longer while the database is away. */
async function idsOf(organizationId: string, appKey: string): Promise<readonly string[]> {
  const known = processWide("keys.appsByAppKey", () => new Map<string, Known>());
  const name = `${organizationId}/${appKey}`;
  const held = known.get(name);
  if (held && Date.now() - held.readAtMs < KNOWN_MS) return held.ids;
  try {
    const ids = await readIds(organizationId, appKey);
    if (known.size >= KNOWN_MAX) known.clear();
    if (ids.length > 0) known.set(name, { ids, readAtMs: Date.now() });
    else known.delete(name);
    return ids;
  } catch (error) {
    const isAway = error instanceof AppError && error.code === "unavailable";
    if (isAway && held) return held.ids;
    throw error;
  }
}

/**
 * Returns the id of the app that a caller names by its id or by its AppKey.
 *
 * @param where the parameter or header that names it, for the failure
 * @throws {AppError} `not_found`, for an app that the key may not touch too; `invalid_input` when the key may touch
 *   several apps with the AppKey, as third-party apps of several companies are
 */
export async function findApp(key: ApiKey, named: string, where: string): Promise<string> {
  if (isUuid(named)) {
    if (!mayTouch(key, named)) throw notFound("app");
    return named;
  }
  if (!APP_KEY.test(named)) throw notFound("app");
  const ids = (await idsOf(key.organizationId, named)).filter((id) => mayTouch(key, id));
  const [only] = ids;
  if (only === undefined) throw notFound("app");
  if (ids.length > 1) throw new AppError("invalid_input", "several apps have the AppKey", { detail: where });
  return only;
}
