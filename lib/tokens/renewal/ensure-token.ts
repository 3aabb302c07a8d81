import "server-only";
import { type AppRef, keyOf } from "@/lib/app-ref";
import { DingtalkError } from "@/lib/dingtalk/errors";
import { AppError } from "@/lib/errors";
import { log } from "@/lib/log";
import type { RowClaim } from "../store/claim";
import { parseStoredError } from "../store/stored-error";
import type { StoredToken, TokenRow } from "../store/stored-token";
import type { Answer } from "../store/write-token";
import { CLAIM_MS, type JitteredTime, recentAttempts } from "./renewal-policy";
import { type TokenService } from "./token-service";
import type { Reporter } from "./token-store";
import { obtainedAtMs, planRenewal, type RenewalDecision, type TokenPurpose } from "./use-or-renew";

/** Poll interval while another process renews, in case its NOTIFY is lost. */
const POLL_MS = 1_000;
const LOST_CLAIM_PAUSE_MS = 50;

/**
 * Returns a token for the purpose: reads the row and, if needed, renews the token or waits for the process that does.
 *
 * A claim on the row, which expires, excludes other processes while DingTalk is called. No unit of work is open then.
 *
 * @param reporter reported the token as refused, for the purposes `forced` and `replacement`
 * @returns `null` for the purpose `schedule` if no renewal is due or possible
 * @throws {DingtalkError} the failure of the last renewal; `renewals_used_up` if ten minutes allow no more
 * @throws {AppError} `not_found` for a deleted app; `conflict` for a disabled one; `rate_limited` for a forced renewal
 *   too soon after the last
 */
export async function ensureToken<C extends RowClaim, A extends Answer>(
  service: TokenService<C, A>,
  app: AppRef,
  purpose: TokenPurpose,
  signal: AbortSignal,
  reporter: Reporter | null = null,
): Promise<StoredToken | null> {
  let current = purpose;
  for (;;) {
    signal.throwIfAborted();
    const change = service.memory.nextChange(app);
    try {
      const choose = (read: TokenRow) => chooseAt(read, current, service.now());
      const { row, decision, claim } = await service.store.readAndClaim(app, { choose, reporter });
      current = withFirstSeen(current, row);
      switch (decision.do) {
        case "renew":
          // The next reading of the row shows the outcome, to this process and to those that lost the race.
          if (claim) await renew(service, app, claim);
          else await Promise.race([change.happened, service.pause(LOST_CLAIM_PAUSE_MS, signal)]);
          break;
        case "use":
          service.memory.remember(app, decision, change);
          return decision;
        case "leave":
          if (decision.untilMs !== null) await service.store.schedule(app, new Date(decision.untilMs));
          return null;
        case "refuse":
          return await refuse(service, app, { row, decision, purpose });
        case "wait": {
          const waitMs = Math.max(0, Math.min(decision.untilMs - service.now(), POLL_MS));
          await Promise.race([change.happened, service.pause(waitMs, signal)]);
        }
      }
    } finally {
      change.stop();
    }
  }
}

function chooseAt(row: TokenRow, purpose: TokenPurpose, nowMs: number) {
  const claim = { id: crypto.randomUUID(), at: new Date(nowMs), until: new Date(nowMs + CLAIM_MS) };
  return { decision: planRenewal(row, purpose, nowMs), claim };
}

function withFirstSeen(purpose: TokenPurpose, row: TokenRow): TokenPurpose {
  if ((purpose.for !== "replacement" && purpose.for !== "forced") || purpose.seenAtMs !== undefined)
    return purpose;
  return { ...purpose, seenAtMs: obtainedAtMs(row) };
}

async function renew<C extends RowClaim, A extends Answer>(
  service: TokenService<C, A>,
  app: AppRef,
  claim: C,
): Promise<void> {
  const { store } = service;
  try {
    const answer = await service.exchange(app, claim);
    await store.storeAnswer(app, { claim, answer, time: jitteredTime(service) });
  } catch (error) {
    if (error instanceof DingtalkError) {
      log.warn("token renewal failed", { ...app, error });
      await store.storeFailure(app, { claim, error, time: jitteredTime(service) });
      return;
    }
    await store.release(app, claim).catch(() => {});
    throw error;
  }
}

const jitteredTime = ({ now, random }: Pick<TokenService, "now" | "random">): JitteredTime => ({
  nowMs: now(),
  random: random(),
});

type Refusal = {
  readonly row: TokenRow;
  readonly decision: RenewalDecision & { readonly do: "refuse" };
  readonly purpose: TokenPurpose;
};

type Refusing = Pick<TokenService, "now" | "upstream"> & {
  readonly store: Pick<TokenService["store"], "schedule">;
};

/** Throws the reason, or schedules the next attempt of a scheduled renewal, which has no reader to tell. */
async function refuse(service: Refusing, app: AppRef, { row, decision, purpose }: Refusal): Promise<null> {
  if (purpose.for === "schedule") {
    if (decision.because === "used_up") await service.store.schedule(app, new Date(decision.untilMs));
    return null;
  }
  switch (decision.because) {
    case "disabled":
      throw new AppError("conflict", "the app is disabled", { detail: "disabled" });
    case "too_soon":
      throw new AppError("rate_limited", "too soon after the last forced renewal", {
        retryAfterSeconds: Math.ceil((decision.untilMs - service.now()) / 1_000),
      });
    case "failed":
      throw parseStoredError(row.lastError) ?? usedUp(service, row, row.renewAt?.getTime() ?? 0);
    case "used_up":
      throw usedUp(service, row, decision.untilMs);
  }
}

function usedUp({ now, upstream }: Refusing, row: TokenRow, untilMs: number): DingtalkError {
  const count = recentAttempts(row.attemptedAt, now()).length;
  return new DingtalkError({
    kind: "renewals_used_up",
    api: upstream.api,
    upstream: {
      host: upstream.host,
      message: `${count} renewals in ten minutes, and the token is dead again`,
    },
    retryAfterMs: Math.max(0, untilMs - now()),
  });
}

export type TokenRequest = {
  readonly purpose: Exclude<TokenPurpose, { readonly for: "schedule" }>;
  /** Requests of this process with the same key share one `ensureToken`. */
  readonly key: string;
  readonly signal: AbortSignal | undefined;
  readonly reporter?: Reporter;
};

/** Returns a token, shared with other requests of this process with the same key. @throws as `ensureToken` */
export async function requestToken<C extends RowClaim, A extends Answer>(
  service: TokenService<C, A>,
  app: AppRef,
  { purpose, key, signal, reporter }: TokenRequest,
): Promise<StoredToken> {
  const work = (limited: AbortSignal) => ensureToken(service, app, purpose, limited, reporter);
  const token = await service.singleFlight.run(key, work, signal);
  if (!token) throw new Error("ensureToken returned no token to a reader");
  return token;
}

/** Returns any valid token, from memory if possible. @throws as `ensureToken` */
export async function currentToken<C extends RowClaim, A extends Answer>(
  service: TokenService<C, A>,
  app: AppRef,
  signal: AbortSignal | undefined,
): Promise<StoredToken> {
  const remembered = service.memory.find(app, service.now());
  return remembered ?? requestToken(service, app, { purpose: { for: "call" }, key: keyOf(app), signal });
}
