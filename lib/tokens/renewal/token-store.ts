import "server-only";
import type pg from "pg";
import type { AppRef } from "@/lib/app-ref";
import { inOrganizationSql } from "@/lib/db/unit-of-work";
import type { AccessToken } from "@/lib/dingtalk/access-token";
import type { Credentials } from "@/lib/dingtalk/credentials";
import type { DingtalkError } from "@/lib/dingtalk/errors";
import { notFound } from "@/lib/errors";
import { scheduleAppJob } from "@/lib/jobs/send-job";
import { openCredentials, type StoredCredentials } from "@/lib/secrets/app-credentials";
import { recordTokenEvent } from "../history/token-events";
import { type ClaimRequest, claimRow, type RowClaim, releaseClaim } from "../store/claim";
import { readTokenRow, TOKEN_TABLE, type TokenRow, type TokenTable } from "../store/stored-token";
import type { Answer } from "../store/write-token";
import { ATTEMPTS_WINDOW_MS, FORCED_PAUSE_MS, type JitteredTime } from "./renewal-policy";
import { storeAnswer, storeFailure } from "./store-outcome";
import type { RenewalDecision } from "./use-or-renew";

/** Reports a token that DingTalk refused: an API key, or `null` for a call of Dingkeep. */
export type Reporter = { readonly keyId: string | null };

export type ClaimStep = {
  /** Runs in the unit of work that read the row. Uses the time of that moment: the database may have been slow. */
  readonly choose: (row: TokenRow) => {
    readonly decision: RenewalDecision;
    readonly claim: Pick<ClaimRequest, "id" | "at" | "until">;
  };
  /** Recorded in the token's history if the decision is to renew. */
  readonly reporter: Reporter | null;
};

export type ClaimResult<C> = {
  readonly row: TokenRow;
  readonly decision: RenewalDecision;
  /** `null` if the decision isn't to renew or another process was first. */
  readonly claim: C | null;
};

/** The tokens that all processes share. Each method is one unit of work; none is open while DingTalk is called. */
export type TokenStore<C extends RowClaim, A extends Answer> = {
  readAndClaim(app: AppRef, step: ClaimStep): Promise<ClaimResult<C>>;
  /** Does nothing if another process holds the claim. */
  storeAnswer(
    app: AppRef,
    outcome: { readonly claim: C; readonly answer: A; readonly time: JitteredTime },
  ): Promise<void>;
  /** Does nothing if another process holds the claim. */
  storeFailure(
    app: AppRef,
    outcome: { readonly claim: C; readonly error: DingtalkError; readonly time: JitteredTime },
  ): Promise<void>;
  release(app: AppRef, claim: C): Promise<void>;
  schedule(app: AppRef, at: Date): Promise<void>;
};

type MakeClaim<C> = (client: pg.ClientBase, app: AppRef, request: ClaimRequest) => Promise<C | null>;

export const sqlReadAndClaim =
  <C extends RowClaim>(table: TokenTable, makeClaim: MakeClaim<C>) =>
  (app: AppRef, { choose, reporter }: ClaimStep): Promise<ClaimResult<C>> =>
    inOrganizationSql(app, async (client) => {
      const row = await readTokenRow(client, app, table);
      const { decision, claim: wanted } = choose(row);
      if (decision.do !== "renew") return { row, decision, claim: null };
      const claim = await makeClaim(client, app, toRequest(wanted, decision, row));
      if (claim && reporter) {
        await recordTokenEvent(client, app, { kind: "invalidated", at: claim.at, keyId: reporter.keyId });
      }
      return { row, decision, claim };
    });

const toRequest = (
  wanted: Pick<ClaimRequest, "id" | "at" | "until">,
  { attemptsMax, isForced }: RenewalDecision & { readonly do: "renew" },
  seen: TokenRow,
): ClaimRequest => ({
  ...wanted,
  attemptsMax,
  isForced,
  countedFrom: new Date(wanted.at.getTime() - ATTEMPTS_WINDOW_MS),
  forceAfter: new Date(wanted.at.getTime() + FORCED_PAUSE_MS),
  seen,
});

/** A claim on an app's token, with the credentials at the time of the claim. */
export type TokenClaim = RowClaim & { readonly credentials: Credentials };

const CREDENTIALS = `
  SELECT kind, app_key AS "appKey", corp_id AS "corpId", sealed_secret AS "sealedSecret",
    sealed_suite_ticket AS "sealedSuiteTicket"
  FROM dingtalk_app WHERE organization_id = $1 AND id = $2`;

async function claimToken(
  client: pg.ClientBase,
  app: AppRef,
  request: ClaimRequest,
): Promise<TokenClaim | null> {
  if (!(await claimRow(client, TOKEN_TABLE, app, request))) return null;
  const { id, at, isForced } = request;
  const { organizationId, appId } = app;
  const { rows } = await client.query<StoredCredentials>(CREDENTIALS, [organizationId, appId]);
  const [stored] = rows;
  if (!stored) throw notFound("app");
  return { id, at, isForced, credentials: openCredentials(app, stored) };
}

export const sqlTokenStore = (host: string): TokenStore<TokenClaim, AccessToken> => ({
  readAndClaim: sqlReadAndClaim(TOKEN_TABLE, claimToken),
  storeAnswer: (app, outcome) =>
    inOrganizationSql(app, (client) => storeAnswer(client, app, { ...outcome, host })),
  storeFailure: (app, outcome) => inOrganizationSql(app, (client) => storeFailure(client, app, outcome)),
  release: (app, claim) => inOrganizationSql(app, (client) => releaseClaim(client, TOKEN_TABLE, app, claim)),
  schedule: (app, at) => scheduleAppJob("token.renew", app, at),
});
