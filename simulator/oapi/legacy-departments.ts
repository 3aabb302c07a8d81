import { listChildren, listDescendants, listLeaderIds, listLineage } from "../organization/directory";
import { traitsOf } from "../organization/generate-tree";
import { type Department, type Directory, ROOT_ID } from "../organization/model";
import {
  type OapiCall,
  type OapiEndpoint,
  requireAnyDepartment,
  requireVisibleDepartment,
  requireVisiblePerson,
} from "./endpoint";
import { findBoolean, findInteger, requireInteger, requireText } from "./parameters";
import { OapiRefusal, refusalOf } from "./refusal";

const PERMISSION = "qyapi_get_department_list";

/**
 * Department endpoints of version 1.0, frozen since 2021.
 *
 * @see docs/dingtalk/departments.md#get-departmentlist-legacy
 */
export const LEGACY_DEPARTMENT_ENDPOINTS: Readonly<Record<string, OapiEndpoint>> = {
  "department/list": legacy(listDepartments),
  "department/list_ids": legacy(listIds),
  "department/get": legacy(getDepartment),
  "department/list_parent_depts_by_dept": legacy(listParentsOfDepartment),
  "department/list_parent_depts": legacy(listParentsOfPerson),
};

/** Refuses apps that can no longer get the legacy permission, according to the settings. */
function legacy(answer: OapiEndpoint["answer"]): OapiEndpoint {
  return {
    method: "GET",
    permission: PERMISSION,
    answer: (call) => {
      if (call.settings.legacyDepartmentApi === "closed") {
        throw refusalOf({ reason: "permission", permission: PERMISSION });
      }
      return answer(call);
    },
  };
}

function listDepartments(call: OapiCall) {
  const { parameters, settings, organization, app } = call;
  const id = findInteger(parameters, "id");
  const isRecursive = findBoolean(parameters, "fetch_child") ?? settings.fetchChildWhenOmitted;
  if (isRecursive && app.kind === "isv") throw new OapiRefusal(400002, "无效的参数: fetch_child");
  const asked = requireVisibleDepartment(call, id ?? ROOT_ID);
  const below = isRecursive
    ? listDescendants(organization.directory, asked)
    : listChildren(organization.directory, asked);
  const hasAsked = settings.rootRow === "always" || (settings.rootRow === "when_id_omitted" && id === null);
  const rows = hasAsked ? [asked, ...below] : below;
  return { department: rows.map((department) => toRow(organization.directory, department)) };
}

/** Not limited by the app's scope. */
function listIds(call: OapiCall) {
  return {
    sub_dept_id_list: [...requireAnyDepartment(call, requireInteger(call.parameters, "id")).childIds],
  };
}

function getDepartment(call: OapiCall) {
  const department = requireVisibleDepartment(call, requireInteger(call.parameters, "id"));
  return toLegacyDepartment(call.organization.directory, department);
}

/** Formats a department as version 1.0 returns a single one. */
export function toLegacyDepartment(directory: Directory, department: Department) {
  const { isHidden, isOuter } = traitsOf(directory, department);
  return {
    ...toRow(directory, department),
    order: department.order,
    deptHiding: isHidden,
    deptPermits: "",
    userPermits: "",
    outerDept: isOuter,
    outerPermitDepts: "",
    outerPermitUsers: "",
    deptManagerUseridList: listLeaderIds(directory, department).join("|"),
  };
}

function listParentsOfDepartment(call: OapiCall) {
  const department = requireVisibleDepartment(call, requireInteger(call.parameters, "id"));
  return { parentIds: listLineage(call.organization.directory, department.id) };
}

function listParentsOfPerson(call: OapiCall) {
  const person = requireVisiblePerson(call, requireText(call.parameters, "userId"));
  return {
    department: person.memberships.map(({ deptId }) => listLineage(call.organization.directory, deptId)),
  };
}

function toRow(directory: Directory, department: Department) {
  const { hasGroup, sourceIdentifier } = traitsOf(directory, department);
  return {
    id: department.id,
    name: department.name,
    parentid: department.parentId ?? undefined,
    createDeptGroup: hasGroup,
    autoAddUser: hasGroup,
    sourceIdentifier,
    ext: department.fields?.ext,
  };
}
