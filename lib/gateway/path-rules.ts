import type { ApiKey } from "@/lib/api-keys/api-key";
import { grantToKey } from "@/lib/auth/actor";
import { AppError } from "@/lib/errors";
import { PARAMETERS, type Target } from "./parse-target";

/** Paths that return or require credentials (S28), without their version. */
const REFUSED =
  /^(?:(?:gettoken|get_jsapi_ticket)\b|(?:oauth2|sso|sns|service|call_back)(?:\/|$)|gateway\/connections(?:\/|$)|app\/registration(?:\/|$))/;

/** @throws {AppError} `path_refused` for a path that would bypass the API key */
export function assertPassable({ path }: Pick<Target, "path">): void {
  const bare = path
    .split("/")
    .map((segment) => decodeURIComponent(segment).replace(PARAMETERS, "").toLowerCase());
  const unversioned = /^v\d+(?:\.\d+)?$/.test(bare[0] ?? "") ? bare.slice(1) : bare;
  if (REFUSED.test(unversioned.join("/"))) {
    throw new AppError("path_refused", "the path returns or requires credentials");
  }
}

/** Read-only paths that DingTalk serves by POST. */
// Stryker disable StringLiteral: data; a second copy of the list in a test would prove nothing
const READING_POSTS: ReadonlySet<string> = new Set([
  "topapi/v2/department/get",
  "topapi/v2/department/listsub",
  "topapi/v2/department/listsubid",
  "topapi/v2/department/listparentbydept",
  "topapi/v2/department/listparentbyuser",
  "topapi/v2/user/get",
  "topapi/v2/user/list",
  "topapi/v2/user/getbymobile",
  "topapi/v2/user/getuserinfo",
  "topapi/user/listid",
  "topapi/user/listsimple",
  "topapi/user/listadmin",
  "topapi/user/get_admin_scope",
  "topapi/user/getbyunionid",
  "topapi/user/count",
  "topapi/inactive/user/v2/get",
  "topapi/role/list",
  "topapi/role/simplelist",
  "topapi/role/getrole",
  "topapi/role/getrolegroup",
  "topapi/extcontact/get",
  "topapi/extcontact/list",
  "topapi/extcontact/listlabelgroups",
  "topapi/microapp/list",
  "topapi/attendance/getattcolumns",
  "topapi/attendance/getcolumnval",
  "topapi/attendance/getsimplegroups",
  "topapi/attendance/listschedule",
  "topapi/attendance/schedule/listbyday",
  "topapi/attendance/schedule/listbyusers",
  "topapi/attendance/getusergroup",
  "topapi/attendance/getleavestatus",
  "attendance/list",
  "attendance/listRecord",
  "topapi/processinstance/get",
  "topapi/processinstance/listids",
  "topapi/process/listbyuserid",
  "topapi/process/gettodonum",
  "topapi/report/list",
  "topapi/report/simplelist",
  "topapi/report/template/listbyuserid",
  "topapi/smartwork/hrm/employee/queryonjob",
  "topapi/smartwork/hrm/employee/querydimission",
  "topapi/smartwork/hrm/employee/querypreentry",
  "topapi/smartwork/hrm/employee/v2/list",
  "topapi/message/corpconversation/getsendprogress",
  "topapi/message/corpconversation/getsendresult",
  "v1.0/contact/departments/search",
  "v1.0/contact/users/search",
  "v1.0/workflow/processes/instanceIds/query",
]);
// Stryker restore StringLiteral

/** Paths that make changes by GET, with everything below them. */
const WRITING_GETS =
  /^(?:department\/delete|user\/delete|cspace\/(?:add|add_to_single_chat|grant_custom_space))(?:\/|$)/i;
/** Paths of the older host consist of names only. Other characters could hide a GET that makes changes. */
const PLAIN_NAMES = /^[\w/-]+$/;

const READING_METHODS: ReadonlySet<string> = new Set(["GET", "HEAD"]);

/**
 * Reports whether `gateway:read` is enough. Unlisted paths are judged by method, so unusual spellings need more scope.
 */
export function isReading(method: string, { host, path }: Pick<Target, "host" | "path">): boolean {
  const bare = path.replace(/\/$/, "");
  if (!READING_METHODS.has(method)) return method === "POST" && READING_POSTS.has(bare);
  return host === "api" || (PLAIN_NAMES.test(bare) && !WRITING_GETS.test(bare));
}

/** A segment of letters is a name; any other segment is an ID. */
const NAME = /^[A-Za-z][A-Za-z_-]{0,39}$/;
const VERSION = /^v\d+(?:\.\d+)?$/;

/**
 * Returns the API that rate limits count a path under. On the new host IDs are guessed, which affects only Dingkeep's limit.
 */
export function apiOf({ host, path }: Pick<Target, "host" | "path">): string {
  const bare = path.replace(/\/$/, "");
  if (host === "oapi") return bare;
  return bare
    .split("/")
    .map((segment) => (NAME.test(segment) || VERSION.test(segment) ? segment : "{}"))
    .join("/");
}

export function assertMayCall(key: ApiKey, needsWrite: boolean): void {
  grantToKey(key, needsWrite || key.scopes.has("gateway:write") ? "gateway:write" : "gateway:read");
}

/** @throws {AppError} `forbidden` when the key's scopes or path prefixes don't cover the call */
export function assertMayPass(key: ApiKey, method: string, target: Target): void {
  assertMayCall(key, !isReading(method, target));
  const { pathPrefixes } = key;
  const { path } = target;
  if (pathPrefixes.length === 0 || pathPrefixes.some((prefix) => path.startsWith(prefix))) return;
  throw new AppError("forbidden", "the path is outside the key's path prefixes", { detail: "path" });
}
