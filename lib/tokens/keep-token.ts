import "server-only";
import { setTimeout as delay } from "node:timers/promises";
import { inOrganizationSql } from "@/lib/db/unit-of-work";
import { DingtalkError } from "@/lib/dingtalk/errors";
import { requestAccessTokenWithFallback } from "@/lib/dingtalk/tokens";
import { AppError } from "@/lib/errors";
import { log } from "@/lib/log";
import type { Redacted } from "@/lib/redacted";
import type { AppRef } from "./app-ref";
import { type Decision, decide, type Need, obtainedAtMs } from "./decide";
import { CLAIM_MS, type Keeper } from "./keeper";
import { scheduleRenewal } from "./schedule-renewal";
import { releaseClaim, storeAnswer, storeFailure } from "./store-outcome";
import { errorOf } from "./stored-error";
import { type Claim, claimRenewal, readTokenRow, type TokenRow } from "./token-row";

/** Whoever waits for another process asks again this often, should its notice get lost. */
const LOOK_AGAIN_MS = 1_000;
const LOOK_AGAIN_SOON_MS = 50;

type Step = { readonly row: TokenRow; readonly decision: Decision; readonly claim: Claim | null };

/**
 * Sees to it that the app has the token that is needed: reads, renews, or waits for whoever renews.
 *
 * No unit of work is open while DingTalk is asked: a claim on the row, which lapses, stands for it.
 *
 * @returns the token; `null` when nobody waits for one
 * @throws {DingtalkError} the failure of the last renewal; `throttled` by `own_limiter` after six in ten minutes
 * @throws {AppError} `not_found` when the app is gone; `conflict` when it is disabled
 */
export async function keepToken(
  keeper: Keeper,
  app: AppRef,
  need: Need,
  signal: AbortSignal,
): Promise<Redacted | null> {
  let wanted = need;
  for (;;) {
    signal.throwIfAborted();
    const change = keeper.memory.nextChange(app);
    const { mark } = keeper.memory;
    try {
      const { row, decision, claim } = await takeStep(keeper, app, wanted);
      wanted = withSeen(wanted, row);
      switch (decision.do) {
        case "renew":
          // Then the row is read again, which says how that went; so does whoever came too late for the claim.
          if (claim) await renew(keeper, app, claim);
          else await Promise.race([change.happened, pause(LOOK_AGAIN_SOON_MS, signal)]);
          break;
        case "use":
          keeper.memory.remember(app, decision, mark);
          return decision.token;
        case "leave":
          if (decision.untilMs !== null) await scheduleRenewal(app, new Date(decision.untilMs));
          return null;
        case "refuse":
          return await refuse(keeper, app, { row, decision, need });
        case "wait":
          await Promise.race([change.happened, pause(decision.untilMs - keeper.dingtalk.now(), signal)]);
      }
    } finally {
      change.stop();
    }
  }
}

/** What a replacement is to be another one of: what the row held when it was first read. */
function withSeen(need: Need, row: TokenRow): Need {
  if (need.for !== "replacement" || need.seenAtMs !== undefined) return need;
  return { for: "replacement", dead: need.dead, seenAtMs: obtainedAtMs(row) };
}

/** Reads, decides and claims, in one short unit of work. */
function takeStep({ dingtalk }: Keeper, app: AppRef, need: Need): Promise<Step> {
  return inOrganizationSql(app, async (client) => {
    const row = await readTokenRow(client, app);
    const nowMs = dingtalk.now();
    const decision = decide(row, need, nowMs);
    if (decision.do !== "renew") return { row, decision, claim: null };
    const claim = await claimRenewal(client, app, {
      id: crypto.randomUUID(),
      at: new Date(nowMs),
      until: new Date(nowMs + CLAIM_MS),
      attemptsMax: decision.attemptsMax,
      seen: row,
    });
    return { row, decision, claim };
  });
}

/** Asks DingTalk, and stores what it says if the claim is still ours then. */
async function renew({ dingtalk }: Keeper, app: AppRef, claim: Claim): Promise<void> {
  try {
    const answer = await requestAccessTokenWithFallback(dingtalk, claim.credentials);
    const moment = { nowMs: dingtalk.now(), random: dingtalk.random() };
    await inOrganizationSql(app, (client) => storeAnswer(client, app, { claim, answer, moment }));
  } catch (error) {
    if (error instanceof DingtalkError) {
      log.warn("a token was not renewed", { ...app, error });
      const nowMs = dingtalk.now();
      await inOrganizationSql(app, (client) => storeFailure(client, app, { claim, error, nowMs }));
      return;
    }
    await inOrganizationSql(app, (client) => releaseClaim(client, app, claim)).catch(() => {});
    throw error;
  }
}

const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  delay(Math.max(0, Math.min(ms, LOOK_AGAIN_MS)), undefined, { signal });

type Refusal = {
  readonly row: TokenRow;
  readonly decision: Decision & { readonly do: "refuse" };
  readonly need: Need;
};

/** For whom nobody waits there is nothing to throw; the renewal is tried again when it may be. */
async function refuse(keeper: Keeper, app: AppRef, { row, decision, need }: Refusal): Promise<null> {
  if (need.for === "schedule") {
    if (decision.because === "used_up") await scheduleRenewal(app, new Date(decision.untilMs));
    return null;
  }
  if (decision.because === "disabled") throw new AppError("conflict", "the app is disabled");
  const error = decision.because === "failed" ? errorOf(row.lastError) : null;
  if (error) throw error;
  const untilMs = decision.because === "used_up" ? decision.untilMs : (row.renewAt?.getTime() ?? 0);
  throw usedUp(keeper, untilMs);
}

function usedUp({ dingtalk }: Keeper, untilMs: number): DingtalkError {
  return new DingtalkError({
    kind: "throttled",
    api: "v1.0/oauth2/accessToken",
    upstream: {
      host: new URL(dingtalk.apiUrl).host,
      message: "six renewals in ten minutes; held back by us",
    },
    throttleScope: "own_limiter",
    retryAfterMs: Math.max(0, untilMs - dingtalk.now()),
  });
}
