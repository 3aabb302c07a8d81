import "server-only";
import type { Actor } from "@/lib/auth/actor";
import { inOrganizationSql } from "@/lib/db/unit-of-work";
import { notFound } from "@/lib/errors";
import { isUuid } from "@/lib/public-id";
import type { TokenEventKind } from "./token-events";

export type TokenEvent = {
  readonly id: string;
  readonly at: Date;
  readonly kind: TokenEventKind;
  readonly version: number;
  /** How long DingTalk took. */
  readonly tookMs: number | null;
  /** With which it was said to be refused, by its name; `null` where a call of our own found that. */
  readonly keyName: string | null;
  /** What `DingtalkError.describe()` said. */
  readonly error: unknown;
};

const SHOWN_MAX = 30;

const EVENTS = `
  SELECT e.id, e.at, e.kind, e.version, e.took_ms AS "tookMs", k.name AS "keyName", e.error
  FROM token_event e LEFT JOIN api_key k ON k.organization_id = e.organization_id AND k.id = e.key_id
  WHERE e.organization_id = $1 AND e.app_id = $2 ORDER BY e.at DESC, e.id DESC LIMIT $3`;

/** What happened to an app's token lately, the newest first. Nothing for another organization's app. */
export function listTokenEvents({ organizationId }: Actor<"app.read">, appId: string): Promise<TokenEvent[]> {
  if (!isUuid(appId)) throw notFound("app");
  return inOrganizationSql({ organizationId }, async (client) => {
    const { rows } = await client.query<TokenEvent>(EVENTS, [organizationId, appId, SHOWN_MAX]);
    return rows;
  });
}

/** How often a key read the token within an hour. */
export type HourOfReads = {
  readonly keyId: string;
  /** `null` for a key that is gone. */
  readonly keyName: string | null;
  /** Its beginning. */
  readonly hour: Date;
  readonly reads: number;
};

const READS = `
  SELECT r.key_id AS "keyId", k.name AS "keyName", r.hour, r.reads
  FROM token_read_hour r LEFT JOIN api_key k ON k.organization_id = r.organization_id AND k.id = r.key_id
  WHERE r.organization_id = $1 AND r.app_id = $2 AND r.hour >= $3 ORDER BY r.hour, r.key_id`;

/** Who read an app's token since a time, hour by hour. Nothing for another organization's app. */
export function listReads(
  { organizationId }: Actor<"app.read">,
  appId: string,
  since: Date,
): Promise<HourOfReads[]> {
  if (!isUuid(appId)) throw notFound("app");
  return inOrganizationSql({ organizationId }, async (client) => {
    const { rows } = await client.query<HourOfReads>(READS, [organizationId, appId, since]);
    return rows;
  });
}
