import { findManagerId, listMemberIds } from "../organization/directory";
import {
  type OapiCall,
  type OapiEndpoint,
  requireAnyDepartment,
  requireVisibleDepartment,
  requireVisiblePerson,
} from "./endpoint";
import { findInteger, requireInteger, requireText } from "./parameters";
import { OapiRefusal } from "./refusal";
import { toLegacyUser } from "./user-fields";
import { sliceMembers } from "./users";

const PERMISSION = "qyapi_get_department_member";
const PAGE_SIZE_MAX = 100;

/**
 * Member endpoints of version 1.0.
 *
 * @see docs/dingtalk/members.md#legacy-endpoints
 */
export const LEGACY_USER_ENDPOINTS: Readonly<Record<string, OapiEndpoint>> = {
  "user/get": { method: "GET", permission: "qyapi_get_member", answer: getUser },
  "user/list": { method: "GET", permission: PERMISSION, answer: listUsers },
  "user/listbypage": { method: "GET", permission: PERMISSION, answer: listUsers },
  "user/simplelist": { method: "GET", permission: PERMISSION, answer: listSimple },
  "user/getDeptMember": { method: "GET", permission: PERMISSION, answer: listIds },
};

function getUser(call: OapiCall) {
  const person = requireVisiblePerson(call, requireText(call.parameters, "userid"));
  const { directory } = call.organization;
  const leads = person.memberships.map(({ deptId, isLeader }) => `${deptId}:${isLeader}`).join(",");
  const orders = person.memberships.map(({ deptId, order }) => `${deptId}:${order}`).join(",");
  return {
    ...toLegacyUser(call, person),
    isLeaderInDepts: `{${leads}}`,
    orderInDepts: `{${orders}}`,
    managerUserId: findManagerId(directory, person) ?? undefined,
  };
}

function listUsers(call: OapiCall) {
  const { rows, hasMore } = requirePage(call);
  const userlist = rows.map(({ person, membership }) => ({
    ...toLegacyUser(call, person),
    order: membership.order,
    isLeader: membership.isLeader,
  }));
  return { hasMore, userlist };
}

function listSimple(call: OapiCall) {
  const { rows, hasMore } = requirePage(call);
  return { hasMore, userlist: rows.map(({ person: { userid, name } }) => ({ userid, name })) };
}

/** Not limited by the app's scope, like its successor. */
function listIds(call: OapiCall) {
  const department = requireAnyDepartment(call, requireInteger(call.parameters, "deptId"));
  return { userIds: listMemberIds(call.organization.directory, department) };
}

function requirePage(call: OapiCall) {
  const department = requireVisibleDepartment(call, requireInteger(call.parameters, "department_id"));
  const cursor = findInteger(call.parameters, "offset") ?? 0;
  const size = findInteger(call.parameters, "size") ?? PAGE_SIZE_MAX;
  if (cursor < 0) throw new OapiRefusal(40068, "不合法的偏移量");
  if (size < 1 || size > PAGE_SIZE_MAX) throw new OapiRefusal(40069, "不合法的分页大小");
  return sliceMembers(call, department, { cursor, size, hasLimited: false });
}
