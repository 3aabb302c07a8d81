import "server-only";
import { withCallRecording } from "@/lib/calls/own-calls";
import { inOrganizationSql } from "@/lib/db/unit-of-work";
import type { Dingtalk } from "@/lib/dingtalk/client";
import { DingtalkError } from "@/lib/dingtalk/errors";
import { type JsapiTicket, requestJsapiTicket, TICKET_SECONDS_MAX } from "@/lib/dingtalk/jsapi-ticket";
import { TimeLimitReached, withTimeLimit } from "@/lib/dingtalk/time-limit";
import { processWide } from "@/lib/process-wide";
import { callerOf } from "@/lib/tokens/dingtalk-caller";
import { backOffUntil, RENEWAL_MS_MAX } from "@/lib/tokens/renewal/renewal-policy";
import { failureHistory, writeAnswer } from "@/lib/tokens/renewal/store-outcome";
import {
  makeTokenService,
  ourTokenService,
  type TokenService,
  tokenServiceOf,
  withRenewalTimeouts,
} from "@/lib/tokens/renewal/token-service";
import { sqlReadAndClaim, type TokenStore } from "@/lib/tokens/renewal/token-store";
import { claimRow, type RowClaim, releaseClaim } from "@/lib/tokens/store/claim";
import type { TokenTable } from "@/lib/tokens/store/stored-token";
import { TokenMemory } from "@/lib/tokens/store/token-memory";
import { lockRow, writeFailure } from "@/lib/tokens/store/write-token";
import { ourDingtalk } from "@/lib/upstream/dingtalk-connections";

export const TICKET_TABLE: TokenTable = {
  name: "jsapi_ticket",
  column: "sealed_ticket",
  notice: "jsapi-ticket",
  lifeMsMax: TICKET_SECONDS_MAX * 1_000,
};

/** Serves an app's ticket like its token: one call for all processes. Renewed when a reader finds it due. */
export type TicketService = TokenService<RowClaim, JsapiTicket>;

const store: TokenStore<RowClaim, JsapiTicket> = {
  readAndClaim: sqlReadAndClaim(TICKET_TABLE, async (client, app, request) => {
    const { id, at, isForced } = request;
    return (await claimRow(client, TICKET_TABLE, app, request)) ? { id, at, isForced } : null;
  }),
  storeAnswer: (app, { claim, answer, time }) =>
    inOrganizationSql(app, async (client) => {
      const row = await lockRow(client, TICKET_TABLE, app, claim);
      if (!row) return;
      await writeAnswer(client, TICKET_TABLE, app, { row, answer, askedAt: claim.at, isForced: false, time });
    }),
  // Always retried: the cause may be fixed at DingTalk, without notice to Dingkeep.
  storeFailure: (app, { claim, error, time }) =>
    inOrganizationSql(app, async (client) => {
      const row = await lockRow(client, TICKET_TABLE, app, claim);
      if (!row) return;
      const renewAt = backOffUntil(failureHistory(row), error.retryAfterMs, time);
      await writeFailure(client, TICKET_TABLE, app, { error, renewAt, nowMs: time.nowMs });
    }),
  release: (app, claim) => inOrganizationSql(app, (client) => releaseClaim(client, TICKET_TABLE, app, claim)),
  // Tickets have no scheduled renewal: they are needed only when a page is signed.
  schedule: async () => {},
};

export function makeTicketService(
  dingtalk: Dingtalk,
  tokens: TokenService = makeTokenService(dingtalk),
): TicketService {
  const upstream = { api: "v1.0/oauth2/jsapiTickets", host: new URL(dingtalk.apiUrl).host };
  const client = withRenewalTimeouts(dingtalk);
  return tokenServiceOf(dingtalk, {
    store,
    upstream,
    memory: new TokenMemory(TICKET_TABLE.notice),
    async exchange(app) {
      const caller = await callerOf(app, app.appId, tokens);
      try {
        // Bounds the whole exchange: the client's own limits leave out the wait for an access token.
        const limits = { limitMs: RENEWAL_MS_MAX, signal: undefined };
        return await withTimeLimit(limits, (signal) =>
          requestJsapiTicket(withCallRecording(client, app), caller, signal),
        );
      } catch (error) {
        if (!(error instanceof TimeLimitReached)) throw error;
        const { api, host } = upstream;
        throw new DingtalkError({ kind: "timeout", api, upstream: { host } });
      }
    },
  });
}

export const ourTicketService = (): TicketService =>
  processWide("jsapi.ticketService", () => makeTicketService(ourDingtalk(), ourTokenService()));
