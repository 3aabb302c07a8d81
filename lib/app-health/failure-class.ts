import type { DingtalkErrorKind } from "@/lib/dingtalk/error-kinds";
import type { DingtalkError } from "@/lib/dingtalk/errors";

/**
 * Consequence of a failed call for its app.
 *
 * - *credentials*: DingTalk refuses the secret. Nothing is retried until a person changes it.
 * - *broken*: the app doesn't work and may recover. Retries have pauses that grow to an hour.
 * - *external*: an administrator fixes the cause at DingTalk, without notice to Dingkeep. Retried every ten minutes.
 * - *transient*: the cause ends without intervention, or Dingkeep's operator fixes it. No app waits for a person.
 */
export type FailureClass = "credentials" | "broken" | "external" | "transient";

const CLASS_BY_KIND: Partial<Record<DingtalkErrorKind, FailureClass>> = {
  credentials_refused: "credentials",
  client_refused: "credentials",
  suite_credentials_refused: "credentials",
  corp_id_wrong: "broken",
  // A call fails with this one and the next only after a renewal.
  corp_mismatch: "broken",
  token_refused_again: "broken",
  organization_unauthorized: "external",
  authorization_withdrawn: "external",
  needs_authorization: "external",
  missing_permission: "external",
  ip_not_allowed: "external",
  app_disabled: "external",
  corp_disabled: "external",
  api_disabled: "external",
};

export const CREDENTIALS_REFUSED = Object.entries(CLASS_BY_KIND)
  .filter(([, failureClass]) => failureClass === "credentials")
  .map(([kind]) => kind);

/** Returns whether an error means that the app's credentials are wrong. */
export const isCredentialFault = ({ kind }: { readonly kind: string }): boolean =>
  CREDENTIALS_REFUSED.some((refused) => refused === kind);

export const failureClassOf = ({ kind }: Pick<DingtalkError, "kind">): FailureClass =>
  CLASS_BY_KIND[kind] ?? "transient";
