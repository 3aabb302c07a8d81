import "server-only";
import { parseAppRef } from "@/lib/app-ref";
import type { Actor } from "@/lib/auth/actor";
import { columns } from "@/lib/db/columns";
import { readTogether } from "@/lib/db/unit-of-work";
import { notFound } from "@/lib/errors";

/** The facts about a token that pages show: never the token, its length or a part of it. */
export type TokenFacts = {
  /** Rises with every new string or later expiry; 0 before the first token. */
  readonly version: number;
  readonly obtainedAt: Date | null;
  readonly expiresAt: Date | null;
  /** Time of the next renewal or, after a failure, of its retry; `null` for none. */
  readonly renewAt: Date | null;
  /** Set if DingTalk returned the same token and expiry: no renewal before then. */
  readonly notExtendedUntil: Date | null;
  /** The result of `DingtalkError.describe()`; `null` if the last renewal succeeded. */
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

/** Lists the facts of an organization's tokens by app id, without apps that never had a token. */
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

/** @throws {AppError} `not_found` for an unknown app or an app of another organization */
export async function getTokenFacts(
  { organizationId }: Actor<"app.read">,
  appId: string,
): Promise<TokenFacts> {
  parseAppRef(organizationId, appId);
  type Row = TokenFacts | { readonly version: null };
  const [row] = await readTogether<Row>({ organizationId }, READ, [organizationId, appId]);
  if (!row) throw notFound("app");
  return row.version === null ? NO_TOKEN_YET : row;
}
