import type { DingtalkErrorKind } from "@/lib/dingtalk/error-kinds";
import type { DingtalkError } from "@/lib/dingtalk/errors";

/**
 * What becomes of an app whose call failed.
 *
 * - *broken*: what is kept here is wrong, so nothing is tried again until somebody changes it
 * - *elsewhere*: it is mended at DingTalk, and nobody tells us: it is looked at again every ten minutes
 * - *passing*: it passes, or is the operator's to mend, and must not leave each tenant's apps waiting for somebody
 */
export type FailureClass = "broken" | "elsewhere" | "passing";

const CLASS_BY_KIND: Partial<Record<DingtalkErrorKind, FailureClass>> = {
  credentials_refused: "broken",
  client_refused: "broken",
  corp_id_wrong: "broken",
  // Leaves a call only after a renewal, like the next
  corp_mismatch: "broken",
  token_refused_again: "broken",
  suite_credentials_refused: "broken",
  organization_unauthorized: "elsewhere",
  authorization_withdrawn: "elsewhere",
  needs_authorization: "elsewhere",
  missing_permission: "elsewhere",
  ip_not_allowed: "elsewhere",
  app_disabled: "elsewhere",
  corp_disabled: "elsewhere",
  api_disabled: "elsewhere",
};

export const failureClassOf = ({ kind }: Pick<DingtalkError, "kind">): FailureClass =>
  CLASS_BY_KIND[kind] ?? "passing";
