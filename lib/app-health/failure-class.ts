import type { DingtalkErrorKind } from "@/lib/dingtalk/error-kinds";
import type { DingtalkError } from "@/lib/dingtalk/errors";

/**
 * What becomes of an app whose call failed.
 *
 * - *secret*: DingTalk refuses the AppSecret, so nothing is tried again until somebody changes it
 * - *broken*: the app does not work and may recover by itself: it is tried again after pauses that grow up to an hour
 * - *elsewhere*: it is mended at DingTalk, and nobody tells us: it is looked at again every ten minutes
 * - *passing*: it passes, or is the operator's to mend, and must not leave each tenant's apps waiting for somebody
 */
export type FailureClass = "secret" | "broken" | "elsewhere" | "passing";

const CLASS_BY_KIND: Partial<Record<DingtalkErrorKind, FailureClass>> = {
  credentials_refused: "secret",
  client_refused: "secret",
  suite_credentials_refused: "secret",
  corp_id_wrong: "broken",
  // Leaves a call only after a renewal, like the next
  corp_mismatch: "broken",
  token_refused_again: "broken",
  organization_unauthorized: "elsewhere",
  authorization_withdrawn: "elsewhere",
  needs_authorization: "elsewhere",
  missing_permission: "elsewhere",
  ip_not_allowed: "elsewhere",
  app_disabled: "elsewhere",
  corp_disabled: "elsewhere",
  api_disabled: "elsewhere",
};

/** Failures after which an app waits for a person. */
export const SECRET_REFUSED = Object.entries(CLASS_BY_KIND)
  .filter(([, failureClass]) => failureClass === "secret")
  .map(([kind]) => kind);

export const failureClassOf = ({ kind }: Pick<DingtalkError, "kind">): FailureClass =>
  CLASS_BY_KIND[kind] ?? "passing";
