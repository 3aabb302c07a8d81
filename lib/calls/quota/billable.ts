import type { Call } from "../call";

/**
 * APIs outside the monthly quota according to DingTalk. JSAPI tickets are assumed to be free like tokens.
 * @see docs/dingtalk/limits.md#monthly-quota
 */
const FREE = {
  oapi: [
    "gettoken",
    "get_jsapi_ticket",
    "service/",
    "sso/",
    "sns/",
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
