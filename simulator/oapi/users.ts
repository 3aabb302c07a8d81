import { countPeople, findPerson, listMemberIds } from "../organization/directory";
import type { Department, Membership, Person } from "../organization/model";
import {
  type OapiCall,
  type OapiEndpoint,
  requireAnyDepartment,
  requireVisibleDepartment,
  requireVisiblePerson,
} from "./endpoint";
import { findBoolean, requireInteger, requireText } from "./parameters";
import { OapiRefusal } from "./refusal";
import { toListedUser, toUserDetail } from "./user-fields";

const PERMISSION = "qyapi_get_department_member";
const PAGE_SIZE_MAX = 100;

/**
 * Endpoints of topapi for members.
 *
 * @see docs/dingtalk/members.md
 */
export const USER_ENDPOINTS: Readonly<Record<string, OapiEndpoint>> = {
  "topapi/v2/user/list": { method: "POST", permission: PERMISSION, answer: listUsers },
  "topapi/user/listsimple": { method: "POST", permission: PERMISSION, answer: listSimple },
  "topapi/v2/user/listsimple": { method: "POST", permission: PERMISSION, answer: listSimple },
  "topapi/user/listid": { method: "POST", permission: PERMISSION, answer: listIds },
  "topapi/user/count": { method: "POST", permission: PERMISSION, answer: countUsers },
  "topapi/v2/user/get": { method: "POST", permission: "qyapi_get_member", answer: getUser },
};

function listUsers(call: OapiCall) {
  return pageOf(call, (person, membership) => toListedUser(call, person, membership));
}

function listSimple(call: OapiCall) {
  return pageOf(call, ({ userid, name }) => ({ userid, name }));
}

/**
 * Returns all ids at once, regardless of the app's scope.
 *
 * @see docs/dingtalk/members.md#cheaper-lists
 */
function listIds(call: OapiCall) {
  const department = requireAnyDepartment(call, requireInteger(call.parameters, "dept_id"));
  return { result: { userid_list: listMemberIds(call.organization.directory, department) } };
}

function countUsers({ organization, parameters }: OapiCall) {
  const onlyActive = findBoolean(parameters, "only_active") ?? false;
  return { result: { count: countPeople(organization.directory, onlyActive) } };
}

function getUser(call: OapiCall) {
  return { result: toUserDetail(call, requireVisiblePerson(call, requireText(call.parameters, "userid"))) };
}

/**
 * Returns a page of a department's direct members. The cursor is a position, so a change of memberships between two
 * pages shifts the second one. The last page has no `next_cursor`.
 *
 * @see docs/dingtalk/members.md#pages
 */
function pageOf(call: OapiCall, toRow: (person: Person, membership: Membership) => Record<string, unknown>) {
  const department = requireVisibleDepartment(call, requireInteger(call.parameters, "dept_id"));
  const cursor = requireInteger(call.parameters, "cursor");
  const size = requireInteger(call.parameters, "size");
  if (cursor < 0) throw new OapiRefusal(40068, "不合法的偏移量");
  if (size < 1 || size > PAGE_SIZE_MAX) throw new OapiRefusal(40069, "不合法的分页大小");
  const { rows, hasMore } = sliceMembers(call, department, {
    cursor,
    size,
    hasLimited: findBoolean(call.parameters, "contain_access_limit") ?? false,
  });
  const list = rows.map(({ person, membership }) => toRow(person, membership));
  return { result: { has_more: hasMore, next_cursor: hasMore ? cursor + size : undefined, list } };
}

type Page = {
  readonly rows: readonly { person: Person; membership: Membership }[];
  readonly hasMore: boolean;
};

/** Returns a department's members from a position on. People with limited access are included on request only. */
export function sliceMembers(
  { organization: { directory } }: OapiCall,
  department: Department,
  { cursor, size, hasLimited }: { cursor: number; size: number; hasLimited: boolean },
): Page {
  // Only stored people can have limited access.
  const isListed = (userid: string) => hasLimited || !directory.storedPeople.get(userid)?.isAccessLimited;
  const userids = listMemberIds(directory, department).filter(isListed);
  const rows = userids.slice(cursor, cursor + size).flatMap((userid) => {
    const person = findPerson(directory, userid);
    const membership = person?.memberships.find(({ deptId }) => deptId === department.id);
    return person && membership ? [{ person, membership }] : [];
  });
  return { rows, hasMore: userids.length > cursor + size };
}
