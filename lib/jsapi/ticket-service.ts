import "server-only";
import { notedFor } from "@/lib/calls/own-calls";
import { inOrganizationSql } from "@/lib/db/unit-of-work";
import type { Dingtalk } from "@/lib/dingtalk/client";
import { DingtalkError } from "@/lib/dingtalk/errors";
import { type JsapiTicket, requestJsapiTicket, TICKET_SECONDS_MAX } from "@/lib/dingtalk/jsapi";
import { TimeLimitReached, withTimeLimit } from "@/lib/dingtalk/time-limit";
import { processWide } from "@/lib/process-wide";
import { callerOf } from "@/lib/tokens/dingtalk-caller";
import { retryAtAfterFailure } from "@/lib/tokens/renewal/breaker";
import {
  forRenewal,
  type Keeper,
  keeperOf,
  makeKeeper,
  ourKeeper,
  RENEWAL_MS_MAX,
} from "@/lib/tokens/renewal/token-service";
import { sqlStep, type TokenStore } from "@/lib/tokens/renewal/token-store";
import { claimRow, type RowClaim } from "@/lib/tokens/store/claim";
import { TokenMemory } from "@/lib/tokens/store/token-memory";
import type { LeaseTable } from "@/lib/tokens/store/token-table";
import { lockRow, releaseRow, writeAnswer, writeFailure } from "@/lib/tokens/store/write-token";
import { ourDingtalk } from "@/lib/upstream/our-dingtalk";

export const TICKET_TABLE: LeaseTable = {
  name: "jsapi_ticket",
  column: "sealed_ticket",
  notice: "jsapi-ticket",
  lifeMsMax: TICKET_SECONDS_MAX * 1_000,
};

/** An app's ticket, kept as its token is: one call for all processes, renewed when a reader finds it due. */
export type TicketKeeper = Keeper<RowClaim, JsapiTicket>;

const store: TokenStore<RowClaim, JsapiTicket> = {
  step: sqlStep(TICKET_TABLE, async (client, app, request) => {
    const { id, at, isForced } = request;
    return (await claimRow(client, TICKET_TABLE, app, request)) ? { id, at, isForced } : null;
  }),
  storeAnswer: (app, { claim, answer, moment }) =>
    inOrganizationSql(app, async (client) => {
      const row = await lockRow(client, TICKET_TABLE, app, claim);
      if (!row) return;
      const stored = { before: row.before, askedAt: claim.at, isForced: false, moment };
      await writeAnswer(client, TICKET_TABLE, app, { answer, stored });
    }),
  // What a ticket was refused for may be mended at DingTalk, which nobody tells us: it is tried again after a pause.
  storeFailure: (app, { claim, error, moment }) =>
    inOrganizationSql(app, async (client) => {
      const row = await lockRow(client, TICKET_TABLE, app, claim);
      if (!row) return;
      const renewAt = retryAtAfterFailure(row, error.retryAfterMs, moment);
      await writeFailure(client, TICKET_TABLE, app, { error, renewAt, nowMs: moment.nowMs });
    }),
  release: (app, claim) => inOrganizationSql(app, (client) => releaseRow(client, TICKET_TABLE, app, claim)),
  // Nobody needs one until a page is signed.
  schedule: async () => {},
};

/** @param tokens whose tokens the tickets are asked for with */
export function makeTicketKeeper(dingtalk: Dingtalk, tokens: Keeper = makeKeeper(dingtalk)): TicketKeeper {
  const upstream = { api: "v1.0/oauth2/jsapiTickets", host: new URL(dingtalk.apiUrl).host };
  const way = forRenewal(dingtalk);
  return keeperOf(dingtalk, {
    store,
    upstream,
    memory: new TokenMemory(TICKET_TABLE.notice),
    async exchange(app) {
      const caller = await callerOf(app, app.appId, tokens);
      try {
        // With the time that its token takes, which is no part of a call's own.
        const limits = { limitMs: RENEWAL_MS_MAX, signal: undefined };
        return await withTimeLimit(limits, (signal) =>
          requestJsapiTicket(notedFor(way, app), caller, signal),
        );
      } catch (error) {
        if (!(error instanceof TimeLimitReached)) throw error;
        const { api, host } = upstream;
        throw new DingtalkError({ kind: "timeout", api, upstream: { host } });
      }
    },
  });
}

/** The process's own. */
export const ourTicketKeeper = (): TicketKeeper =>
  processWide("jsapi.keeper", () => makeTicketKeeper(ourDingtalk(), ourKeeper()));
