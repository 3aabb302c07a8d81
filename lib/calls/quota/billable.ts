import { classifyCode } from "@/lib/dingtalk/classify-error";
import type { Call } from "../call";

/**
 * APIs outside the monthly quota according to DingTalk. JSAPI tickets are assumed to be free like tokens, and the
 * subscription to events like the events of the address book.
 * @see docs/dingtalk/limits.md#monthly-quota
 */
const FREE = {
  oapi: [
    "gettoken",
    "get_jsapi_ticket",
    "service/",
    "sso/",
    "sns/",
    "call_back/",
    "auth/scopes",
    "department/",
    "user/",
    "topapi/user/",
    "topapi/inactive/user/",
    "topapi/v2/department/",
    "topapi/v2/user/",
  ],
  api: ["v1.0/oauth2/", "v1.0/contact/users", "v1.0/contact/departments"],
} as const;

export const isBillable = ({ host, path }: Pick<Call, "host" | "path">): boolean =>
  !FREE[host].some((free) => path === free || path.startsWith(free.endsWith("/") ? free : `${free}/`));

export const reportsUsedUp = ({ errcode, status }: Pick<Call, "errcode" | "status">): boolean =>
  errcode !== null &&
  classifyCode(errcode, { status: status ?? 200, isTokenCall: false }).kind === "quota_used_up";

export type Counts = { readonly charged: number; readonly free: number; readonly throttled: number };

/** Returns the counts of a call. Calls that DingTalk throttles, or refuses because of the quota, are not charged. */
export function countsOf(call: Call): Counts {
  const { outcome, attempts, throttles } = call;
  const isCounted = attempts > 0 && outcome !== "throttled" && !reportsUsedUp(call);
  const charged = isCounted && isBillable(call) ? 1 : 0;
  return { charged, free: isCounted ? 1 - charged : 0, throttled: throttles };
}
