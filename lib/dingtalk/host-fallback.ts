import { spellingOf } from "./classify-error";
import type { DingtalkErrorKind } from "./error-kinds";
import type { DingtalkError } from "./errors";

const UNREACHED: ReadonlySet<DingtalkErrorKind> = new Set<DingtalkErrorKind>([
  "host_unresolved",
  "unreachable",
  "timeout",
]);

export const isUnreached = ({ kind }: DingtalkError): boolean => UNREACHED.has(kind);

/** Returns whether the older host is asked after a failure of the new one: never after refused credentials. */
export const mayAskOlderHost = (error: DingtalkError): boolean => isUnreached(error) || isApiUnknown(error);

export function isApiUnknown({ kind, upstream: { code, status } }: DingtalkError): boolean {
  if (kind !== "malformed_request" && kind !== "unknown_code") return false;
  return code !== null && (spellingOf(code) === "22" || status === 404);
}
