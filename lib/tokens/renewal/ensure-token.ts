import "server-only";
import type { AppRef } from "@/lib/app-ref";
import { DingtalkError } from "@/lib/dingtalk/errors";
import { AppError } from "@/lib/errors";
import { log } from "@/lib/log";
import type { RowClaim } from "../store/claim";
import { errorOf } from "../store/stored-error";
import type { TokenRow } from "../store/stored-token";
import type { Answer } from "../store/write-token";
import type { HeldToken } from "./lease-policy";
import { type Decision, decide, type Need, obtainedAtMs } from "./plan-renewal";
import { type Moment, recentAttempts } from "./renewal-policy";
import { CLAIM_MS, type Keeper } from "./token-service";
import type { Reporter } from "./token-store";

/** Whoever waits for another process asks again this often, should its notice get lost. */
const LOOK_AGAIN_MS = 1_000;
const LOOK_AGAIN_SOON_MS = 50;

/**
 * Sees to it that the app has the token that is needed: reads, renews, or waits for whoever renews.
 *
 * No unit of work is open while DingTalk is asked: a claim on the row, which lapses, stands for it.
 *
 * @param reporter who says that a token is dead, where the need is `forced` or `replacement`
 * @returns the token; `null` when nobody waits for one
 * @throws {DingtalkError} the failure of the last renewal; `renewals_used_up` when ten minutes may have no more
 * @throws {AppError} `not_found` when the app is gone; `conflict` when it is disabled; `rate_limited` for a
 *   forced renewal that comes too soon after the last
 */
export async function keepToken<C extends RowClaim, A extends Answer>(
  keeper: Keeper<C, A>,
  app: AppRef,
  need: Need,
  signal: AbortSignal,
  reporter: Reporter | null = null,
): Promise<HeldToken | null> {
  let wanted = need;
  for (;;) {
    signal.throwIfAborted();
    const change = keeper.memory.nextChange(app);
    try {
      const choose = (read: TokenRow) => chooseAt(read, wanted, keeper.now());
      const { row, decision, claim } = await keeper.store.step(app, { choose, reporter });
      wanted = withSeen(wanted, row);
      switch (decision.do) {
        case "renew":
          // Then the row is read again, which says how that went; so does whoever came too late for the claim.
          if (claim) await renew(keeper, app, claim);
          else await Promise.race([change.happened, keeper.pause(LOOK_AGAIN_SOON_MS, signal)]);
          break;
        case "use":
          keeper.memory.remember(app, decision, change);
          return decision;
        case "leave":
          if (decision.untilMs !== null) await keeper.store.schedule(app, new Date(decision.untilMs));
          return null;
        case "refuse":
          return await refuse(keeper, app, { row, decision, need });
        case "wait": {
          const waitMs = Math.max(0, Math.min(decision.untilMs - keeper.now(), LOOK_AGAIN_MS));
          await Promise.race([change.happened, keeper.pause(waitMs, signal)]);
        }
      }
    } finally {
      change.stop();
    }
  }
}

function chooseAt(row: TokenRow, need: Need, nowMs: number) {
  const claim = { id: crypto.randomUUID(), at: new Date(nowMs), until: new Date(nowMs + CLAIM_MS) };
  return { decision: decide(row, need, nowMs), claim };
}

/** What a renewal is to bring another one of: what the row held when it was first read. */
function withSeen(need: Need, row: TokenRow): Need {
  if ((need.for !== "replacement" && need.for !== "forced") || need.seenAtMs !== undefined) return need;
  return { ...need, seenAtMs: obtainedAtMs(row) };
}

/** Asks DingTalk, and stores what it says if the claim is still ours then. */
async function renew<C extends RowClaim, A extends Answer>(
  keeper: Keeper<C, A>,
  app: AppRef,
  claim: C,
): Promise<void> {
  const { store } = keeper;
  try {
    const answer = await keeper.exchange(app, claim);
    await store.storeAnswer(app, { claim, answer, moment: momentOf(keeper) });
  } catch (error) {
    if (error instanceof DingtalkError) {
      log.warn("a token was not renewed", { ...app, error });
      await store.storeFailure(app, { claim, error, moment: momentOf(keeper) });
      return;
    }
    await store.release(app, claim).catch(() => {});
    throw error;
  }
}

const momentOf = ({ now, random }: Pick<Keeper, "now" | "random">): Moment => ({
  nowMs: now(),
  random: random(),
});

type Refusal = {
  readonly row: TokenRow;
  readonly decision: Decision & { readonly do: "refuse" };
  readonly need: Need;
};

type Refusing = Pick<Keeper, "now" | "upstream"> & { readonly store: Pick<Keeper["store"], "schedule"> };

/** For whom nobody waits there is nothing to throw; the renewal is tried again when it may be. */
async function refuse(keeper: Refusing, app: AppRef, { row, decision, need }: Refusal): Promise<null> {
  if (need.for === "schedule") {
    if (decision.because === "used_up") await keeper.store.schedule(app, new Date(decision.untilMs));
    return null;
  }
  switch (decision.because) {
    case "disabled":
      throw new AppError("conflict", "the app is disabled", { detail: "disabled" });
    case "held_back":
      throw new AppError("rate_limited", "a renewal was forced a moment ago", {
        retryAfterSeconds: Math.ceil((decision.untilMs - keeper.now()) / 1_000),
      });
    case "failed":
      throw errorOf(row.lastError) ?? usedUp(keeper, row, row.renewAt?.getTime() ?? 0);
    case "used_up":
      throw usedUp(keeper, row, decision.untilMs);
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
