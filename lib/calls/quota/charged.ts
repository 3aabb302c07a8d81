import type { Call } from "../call";

/**
 * What DingTalk documents as free of the monthly quota: tokens, sign-in, people and departments of the address book.
 * A ticket for JSAPI is counted with tokens, since it is had in the same way.
 *
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

/** Whether a call counts for the month's quota, if DingTalk takes it. What isn't known to be free counts. */
export const isCharged = ({ host, path }: Pick<Call, "host" | "path">): boolean =>
  !FREE[host].some((free) => path === free || path.startsWith(free.endsWith("/") ? free : `${free}/`));
