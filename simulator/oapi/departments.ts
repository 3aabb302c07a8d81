import { listChildren, listLeaderIds, listLineage, listMemberIds } from "../organization/directory";
import { traitsOf } from "../organization/generate-tree";
import { type Department, type Directory, ROOT_ID } from "../organization/model";
import { hashOf } from "../random";
import {
  type OapiCall,
  type OapiEndpoint,
  requireAnyDepartment,
  requireVisibleDepartment,
  requireVisiblePerson,
} from "./endpoint";
import { findInteger, requireInteger, requireText } from "./parameters";

const PERMISSION = "qyapi_get_department_list";

/**
 * Endpoints of topapi for departments.
 *
 * @see docs/dingtalk/departments.md#list-child-departments
 */
export const DEPARTMENT_ENDPOINTS: Readonly<Record<string, OapiEndpoint>> = {
  "topapi/v2/department/listsub": { method: "POST", permission: PERMISSION, answer: listSub },
  "topapi/v2/department/listsubid": { method: "POST", permission: PERMISSION, answer: listSubId },
  "topapi/v2/department/get": { method: "POST", permission: PERMISSION, answer: getDepartment },
  "topapi/v2/department/listparentbydept": {
    method: "POST",
    permission: PERMISSION,
    answer: listParentByDept,
  },
  "topapi/v2/department/listparentbyuser": {
    method: "POST",
    permission: PERMISSION,
    answer: listParentByUser,
  },
};

/** Lists one level, without the department itself and without pages. */
function listSub(call: OapiCall) {
  const { directory } = call.organization;
  const parent = requireVisibleDepartment(call, findInteger(call.parameters, "dept_id") ?? ROOT_ID);
  return { result: listChildren(directory, parent).map((department) => toListRow(directory, department)) };
}

/**
 * Not limited by the app's scope.
 *
 * @see docs/dingtalk/departments.md#list-child-department-ids
 */
function listSubId(call: OapiCall) {
  const parent = requireAnyDepartment(call, requireInteger(call.parameters, "dept_id"));
  return { result: { dept_id_list: [...parent.childIds] } };
}

function getDepartment(call: OapiCall) {
  const { directory } = call.organization;
  const department = requireVisibleDepartment(call, requireInteger(call.parameters, "dept_id"));
  return { result: toDetail(directory, department) };
}

function listParentByDept(call: OapiCall) {
  const department = requireVisibleDepartment(call, requireInteger(call.parameters, "dept_id"));
  return { result: { parent_id_list: listLineage(call.organization.directory, department.id) } };
}

function listParentByUser(call: OapiCall) {
  const person = requireVisiblePerson(call, requireText(call.parameters, "userid"));
  const lineages = person.memberships.map(({ deptId }) => listLineage(call.organization.directory, deptId));
  return { result: { parent_list: lineages.map((lineage) => ({ parent_dept_id_list: lineage })) } };
}

function toListRow(directory: Directory, department: Department) {
  const { hasGroup, sourceIdentifier, isUnlisted } = traitsOf(directory, department);
  return {
    dept_id: department.id,
    name: department.name,
    parent_id: department.parentId ?? undefined,
    create_dept_group: hasGroup,
    auto_add_user: hasGroup,
    source_identifier: sourceIdentifier,
    // Undocumented fields appear over time, and clients must accept them.
    x_unlisted_field: isUnlisted ? { since: 2026 } : undefined,
    ...department.fields,
  };
}

function toDetail(directory: Directory, department: Department) {
  const { hasGroup, isHidden, isOuter } = traitsOf(directory, department);
  const leaderIds = listLeaderIds(directory, department);
  const members = listMemberIds(directory, department).length;
  return {
    ...toListRow(directory, department),
    order: department.order,
    dept_group_chat_id: hasGroup
      ? `chat${hashOf(directory.seed, department.id, 72).toString(16)}`
      : undefined,
    group_contain_sub_dept: hasGroup,
    auto_approve_apply: false,
    org_dept_owner: hasGroup ? leaderIds[0] : undefined,
    dept_manager_userid_list: leaderIds,
    outer_dept: isOuter,
    outer_permit_depts: [],
    outer_permit_users: [],
    outer_dept_only_self: isOuter,
    hide_dept: isHidden,
    dept_permits: [],
    user_permits: [],
    from_union_org: false,
    member_count: members,
    ...department.fields,
  };
}
