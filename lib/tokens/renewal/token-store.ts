import "server-only";
import type pg from "pg";
import type { AppRef } from "@/lib/app-ref";
import { inOrganizationSql } from "@/lib/db/unit-of-work";
import type { AccessToken } from "@/lib/dingtalk/access-token";
import type { DingtalkError } from "@/lib/dingtalk/errors";
import type { ClaimRequest, RowClaim } from "../store/claim";
import { readTokenRow, type TokenRow } from "../store/stored-token";
import { recordTokenEvent } from "../store/token-events";
import { type LeaseTable, TOKEN_TABLE } from "../store/token-table";
import { type Answer, releaseRow } from "../store/write-token";
import type { Decision } from "./plan-renewal";
import type { Moment } from "./renewal-policy";
import { scheduleRenewal } from "./schedule-renewal";
import { storeAnswer, storeFailure } from "./store-outcome";
import { type Claim, claimRenewal } from "./token-row";

/** Who reported a token that DingTalk refuses: somebody with a key, or without one a call of Dingkeep's own. */
export type Reporter = { readonly keyId: string | null };

/** What is done once the row is read, in the same unit of work. */
export type StepRequest = {
  /** By the time that it is then, not by that at which the row was asked for. */
  readonly choose: (row: TokenRow) => {
    readonly decision: Decision;
    /** For a renewal that was decided. */
    readonly claim: Pick<ClaimRequest, "id" | "at" | "until">;
  };
  /** For the timeline, if it comes to a renewal. */
  readonly reporter: Reporter | null;
};

export type Step<C> = {
  readonly row: TokenRow;
  readonly decision: Decision;
  /** `null` unless the decision is to renew and nobody else was first. */
  readonly claim: C | null;
};

/**
 * Where tokens are kept: the one row of an app that all processes share. Each method is one short unit of work,
 * and none is open while DingTalk is asked.
 */
export type TokenStore<C extends RowClaim, A extends Answer> = {
  /** Reads, decides and claims. @throws {AppError} `not_found` when the app is gone, or another organization's */
  step(app: AppRef, request: StepRequest): Promise<Step<C>>;
  /** Stores nothing when the claim is somebody else's by now. */
  storeAnswer(
    app: AppRef,
    outcome: { readonly claim: C; readonly answer: A; readonly moment: Moment },
  ): Promise<void>;
  /** The same for a failure. */
  storeFailure(
    app: AppRef,
    outcome: { readonly claim: C; readonly error: DingtalkError; readonly moment: Moment },
  ): Promise<void>;
  release(app: AppRef, claim: C): Promise<void>;
  /** Has the renewal looked at then. */
  schedule(app: AppRef, at: Date): Promise<void>;
};

type Claiming<C> = (client: pg.ClientBase, app: AppRef, request: ClaimRequest) => Promise<C | null>;

/** A store's `step` over a table. @param claimIt makes the claim that was decided, unless somebody else was first */
export const sqlStep =
  <C extends RowClaim>(table: LeaseTable, claimIt: Claiming<C>) =>
  (app: AppRef, { choose, reporter }: StepRequest): Promise<Step<C>> =>
    inOrganizationSql(app, async (client) => {
      const row = await readTokenRow(client, app, table);
      const { decision, claim } = choose(row);
      if (decision.do !== "renew") return { row, decision, claim: null };
      const { attemptsMax, isForced } = decision;
      const made = await claimIt(client, app, { ...claim, attemptsMax, isForced, seen: row });
      if (made && reporter) {
        await recordTokenEvent(client, app, { kind: "invalidated", at: claim.at, keyId: reporter.keyId });
      }
      return { row, decision, claim: made };
    });

/** @param host who gives tokens, for the record */
export const sqlTokenStore = (host: string): TokenStore<Claim, AccessToken> => ({
  step: sqlStep(TOKEN_TABLE, claimRenewal),
  storeAnswer: (app, outcome) =>
    inOrganizationSql(app, async (client) => {
      await storeAnswer(client, app, { ...outcome, host });
    }),
  storeFailure: (app, outcome) =>
    inOrganizationSql(app, async (client) => {
      await storeFailure(client, app, outcome);
    }),
  release: (app, claim) => inOrganizationSql(app, (client) => releaseRow(client, TOKEN_TABLE, app, claim)),
  schedule: (app, at) => scheduleRenewal(app, at),
});
