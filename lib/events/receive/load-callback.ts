import "server-only";
import { readTogether } from "@/lib/db/unit-of-work";
import type { Redacted } from "@/lib/redacted";
import type { AppKind } from "@/prisma/generated/enums";
import { hashPathSecret, parseCallbackAddress } from "../subscription/callback-address";
import { openCallbackSecret, type SecretKind, type SubscriptionRef } from "../subscription/callback-secrets";

export type SubscribedApp = {
  readonly appId: string;
  readonly kind: AppKind;
  /** AppKey or SuiteKey. */
  readonly key: string;
  readonly corpId: string | null;
};

/** A subscription that accepts callbacks at an address. */
export type CallbackSubscription = SubscriptionRef & {
  /** One app, or all apps of a suite. */
  readonly apps: readonly SubscribedApp[];
  readonly ownerKind: string | null;
  readonly isVerified: boolean;
  /** The current secret and, for 24 hours after a rotation, the previous one. */
  readonly tokens: readonly Redacted[];
  readonly aesKeys: readonly Redacted[];
};

const OF_PATH = `
  SELECT subscription_id FROM callback_secret
  WHERE organization_id = $1 AND hash = $2 AND kind = 'path' AND (valid_until IS NULL OR valid_until > now())`;

const SUBSCRIPTION = `
  SELECT s.id AS "subscriptionId", s.owner_kind AS "ownerKind", s.verified_at IS NOT NULL AS "isVerified",
    (SELECT coalesce(jsonb_agg(jsonb_build_object('appId', a.id, 'kind', a.kind, 'key', a.app_key, 'corpId', a.corp_id)
        ORDER BY a.id), '[]')
      FROM dingtalk_app a WHERE a.organization_id = $1
        AND (a.id = s.app_id OR (a.kind = 'isv' AND a.app_key = s.suite_key))) AS apps
  FROM event_subscription s WHERE s.organization_id = $1 AND s.id = (${OF_PATH})`;

const SECRETS = `
  SELECT id, kind, sealed_value AS "sealedValue" FROM callback_secret
  WHERE organization_id = $1 AND subscription_id = (${OF_PATH}) AND kind <> 'path'
    AND (valid_until IS NULL OR valid_until > now())
  ORDER BY created_at DESC`;

type SecretRow = { readonly id: string; readonly kind: SecretKind; readonly sealedValue: Uint8Array };
type SubscriptionRow = Omit<CallbackSubscription, "organizationId" | "tokens" | "aesKeys">;

/**
 * Loads the subscription of a callback address.
 *
 * @returns `null` for an address that no subscription has
 * @throws {AppError} `unavailable`
 */
export async function loadCallback(segment: string): Promise<CallbackSubscription | null> {
  const address = parseCallbackAddress(segment);
  if (address === null) return null;
  const { organizationId } = address;
  const values = [organizationId, hashPathSecret(address.secret)];
  const [[subscription], secrets] = await Promise.all([
    readTogether<SubscriptionRow>({ organizationId }, SUBSCRIPTION, values),
    readTogether<SecretRow>({ organizationId }, SECRETS, values),
  ]);
  if (!subscription) return null;
  const ofKind = (kind: SecretKind) =>
    secrets.filter((row) => row.kind === kind).map((row) => openCallbackSecret(organizationId, row));
  return { ...subscription, organizationId, tokens: ofKind("token"), aesKeys: ofKind("aes_key") };
}
