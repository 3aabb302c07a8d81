import { type CallbackSecrets, decryptCallback, isCallbackSigned } from "@/lib/dingtalk/callback-crypto";
import type { CallbackSubscription, SubscribedApp } from "./load-callback";

export type CallbackRequest = {
  readonly query: URLSearchParams;
  readonly encrypt: string;
};

export type OwnerKind = "app_key" | "corp_id" | "suite_key";

export type OpenedCallback = {
  readonly message: string;
  readonly ownerKey: string;
  readonly ownerKind: OwnerKind;
  /** The secrets that DingTalk used, which the reply needs too. */
  readonly secrets: CallbackSecrets;
  /** As sent: milliseconds, or seconds in some samples. */
  readonly timestamp: string;
};

/** Sent with the first check of a third-party app's address. @see docs/dingtalk/callbacks.md#owner-key */
const FIRST_SUITE_KEY = "suite4xxxxxxxxxxxxxxx";

/**
 * Verifies and decrypts a callback with the current or the previous secrets.
 *
 * @returns `null` for a callback that any check refuses; callers must not tell which
 * @see docs/dingtalk/callbacks.md#encryption-and-signature
 */
export function openCallback(
  { apps, tokens, aesKeys }: Pick<CallbackSubscription, "apps" | "tokens" | "aesKeys">,
  { query, encrypt }: CallbackRequest,
): OpenedCallback | null {
  const signature = query.get("msg_signature") ?? query.get("signature") ?? "";
  const [timestamp, nonce] = [query.get("timestamp") ?? "", query.get("nonce") ?? ""];
  const token = tokens.find((one) => isCallbackSigned(one, { timestamp, nonce, encrypt }, signature));
  if (token === undefined) return null;
  for (const aesKey of aesKeys) {
    const decrypted = decryptCallback(aesKey, encrypt);
    const ownerKind = decrypted && ownerKindOf(apps, decrypted.ownerKey);
    if (ownerKind) return { ...decrypted, ownerKind, secrets: { token, aesKey }, timestamp };
  }
  return null;
}

function ownerKindOf(apps: readonly SubscribedApp[], ownerKey: string): OwnerKind | null {
  const isSuite = apps.some(({ kind }) => kind === "isv");
  if (apps.some(({ key }) => key === ownerKey)) return isSuite ? "suite_key" : "app_key";
  if (isSuite && ownerKey === FIRST_SUITE_KEY) return "suite_key";
  return apps.some(({ corpId }) => corpId !== null && corpId === ownerKey) ? "corp_id" : null;
}
