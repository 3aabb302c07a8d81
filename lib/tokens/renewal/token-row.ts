import "server-only";
import type pg from "pg";
import type { AppRef } from "@/lib/app-ref";
import type { Credentials } from "@/lib/dingtalk/credentials";
import { notFound } from "@/lib/errors";
import { openCredentials, type StoredCredentials } from "@/lib/secrets/app-credentials";
import { type ClaimRequest, claimRow, type RowClaim } from "../store/claim";
import { TOKEN_TABLE } from "../store/token-table";

/** The right to renew an app's token, and what it is renewed with. */
export type Claim = RowClaim & { readonly credentials: Credentials };

const CREDENTIALS = `
  SELECT kind, app_key AS "appKey", corp_id AS "corpId", sealed_secret AS "sealedSecret",
    sealed_suite_ticket AS "sealedSuiteTicket"
  FROM dingtalk_app WHERE organization_id = $1 AND id = $2`;

/** @returns `null` when somebody else was first, or the attempts are used up */
export async function claimRenewal(
  client: pg.ClientBase,
  app: AppRef,
  request: ClaimRequest,
): Promise<Claim | null> {
  if (!(await claimRow(client, TOKEN_TABLE, app, request))) return null;
  const { id, at, isForced } = request;
  const { organizationId, appId } = app;
  const { rows } = await client.query<StoredCredentials>(CREDENTIALS, [organizationId, appId]);
  const [stored] = rows;
  if (!stored) throw notFound("app");
  return { id, at, isForced, credentials: openCredentials(app, stored) };
}
