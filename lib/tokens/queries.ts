import "server-only";
import type { Actor } from "@/lib/auth/actor";
import { columns } from "@/lib/db/columns";
import { readTogether } from "@/lib/db/unit-of-work";
import { notFound } from "@/lib/errors";
import { isUuid } from "@/lib/public-id";

/** What a page may know of a token. The token is not among it, nor its length or any part of it. */
export type TokenFacts = {
  /** Rises with every renewal that brought more life. 0: there was none yet. */
  readonly version: number;
  readonly obtainedAt: Date | null;
  readonly expiresAt: Date | null;
  /** When it will be renewed, about; after a failure, when that is tried again; `null`: not by itself. */
  readonly renewAt: Date | null;
  /** DingTalk gave the same token and no more life: it can't be renewed before then. */
  readonly notExtendedUntil: Date | null;
  /** What `DingtalkError.describe()` said; `null` when the last renewal worked. */
  readonly lastError: unknown;
  readonly lastErrorAt: Date | null;
};

const SHOWN = {
  version: true,
  obtainedAt: true,
  expiresAt: true,
  renewAt: true,
  notExtendedUntil: true,
  lastError: true,
  lastErrorAt: true,
} as const;

/** Of an app that never had a token. */
export const NO_TOKEN_YET: TokenFacts = {
  version: 0,
  obtainedAt: null,
  expiresAt: null,
  renewAt: null,
  notExtendedUntil: null,
  lastError: null,
  lastErrorAt: null,
};

const LIST = `SELECT t.app_id AS "appId", ${columns(SHOWN, "t")} FROM app_token t WHERE t.organization_id = $1`;

/** What is known of each of an organization's tokens, by the app's id; an app that never had one is not there. */
export async function listTokenFacts({
  organizationId,
}: Actor<"app.read">): Promise<ReadonlyMap<string, TokenFacts>> {
  type Row = TokenFacts & { readonly appId: string };
  const rows = await readTogether<Row>({ organizationId }, LIST, [organizationId]);
  return new Map(rows.map(({ appId, ...facts }) => [appId, facts]));
}

const READ = `
  SELECT ${columns(SHOWN, "t")} FROM dingtalk_app a
  LEFT JOIN app_token t ON t.organization_id = a.organization_id AND t.app_id = a.id
  WHERE a.organization_id = $1 AND a.id = $2`;

/** @throws {AppError} `not_found`, for another organization's app too */
export async function getTokenFacts(
  { organizationId }: Actor<"app.read">,
  appId: string,
): Promise<TokenFacts> {
  if (!isUuid(appId)) throw notFound("app");
  type Row = TokenFacts | { readonly version: null };
  const [row] = await readTogether<Row>({ organizationId }, READ, [organizationId, appId]);
  if (!row) throw notFound("app");
  return row.version === null ? NO_TOKEN_YET : row;
}
