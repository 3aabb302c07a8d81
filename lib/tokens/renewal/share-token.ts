import "server-only";
import { type AppRef, keyOf } from "@/lib/app-ref";
import type { RowClaim } from "../store/claim";
import type { Answer } from "../store/write-token";
import { keepToken } from "./ensure-token";
import type { HeldToken } from "./lease-policy";
import type { Need } from "./plan-renewal";
import type { Keeper } from "./token-service";
import type { Reporter } from "./token-store";

type Wish = {
  readonly need: Exclude<Need, { readonly for: "schedule" }>;
  /** All of this process who come with the same key share one piece of work. */
  readonly key: string;
  readonly signal: AbortSignal | undefined;
  readonly reporter?: Reporter;
};

/** `keepToken` for all who want the same in this process at the same time. @throws as it does */
export async function shareToken<C extends RowClaim, A extends Answer>(
  keeper: Keeper<C, A>,
  app: AppRef,
  { need, key, signal, reporter }: Wish,
): Promise<HeldToken> {
  const work = (limited: AbortSignal) => keepToken(keeper, app, need, limited, reporter);
  const held = await keeper.flights.join(key, work, signal);
  if (!held) throw new Error("a token was asked for and none came");
  return held;
}

/** Any token that lives, from memory if it is there. @throws as `keepToken` */
export async function currentToken<C extends RowClaim, A extends Answer>(
  keeper: Keeper<C, A>,
  app: AppRef,
  signal: AbortSignal | undefined,
): Promise<HeldToken> {
  const held = keeper.memory.find(app, keeper.now());
  return held ?? shareToken(keeper, app, { need: { for: "call" }, key: keyOf(app), signal });
}
