import type { Access } from "../gateway/check-access";
import { findDepartment, findPerson, isDepartmentInScope, isPersonInScope } from "../organization/directory";
import type { Department, Person } from "../organization/model";
import type { World } from "../world";
import type { Parameters } from "./parameters";
import { departmentNotFound, departmentOutOfScope, OapiRefusal, personNotFound } from "./refusal";

export type OapiCall = Access & { readonly world: World; readonly parameters: Parameters };

/** An endpoint of the oapi host. */
export type OapiEndpoint = {
  readonly method: "GET" | "POST";
  readonly permission: string | null;
  /**
   * Answers a call, at once or after a call of its own.
   *
   * @returns the members of the answer besides `errcode` and `errmsg`
   * @throws {OapiRefusal}
   */
  readonly answer: (call: OapiCall) => Record<string, unknown> | Promise<Record<string, unknown>>;
};

/**
 * Returns a department in the app's scope.
 *
 * @throws {OapiRefusal} 40009 special department id, 60003 unknown id, 50004 outside the app's scope
 * @see docs/dingtalk/departments.md#special-department-ids
 */
export function requireVisibleDepartment(call: OapiCall, id: number): Department {
  const department = requireAnyDepartment(call, id);
  if (!isDepartmentInScope(call.organization.directory, call.app.scope, id)) throw departmentOutOfScope();
  return department;
}

/**
 * Returns a department regardless of the app's scope, for endpoints that do not check it.
 *
 * @throws {OapiRefusal} 40009 special department id, 60003 unknown id
 */
export function requireAnyDepartment({ organization }: OapiCall, id: number): Department {
  if (id <= 0) throw new OapiRefusal(40009, "不合法的部门id");
  const department = findDepartment(organization.directory, id);
  if (!department) throw departmentNotFound();
  return department;
}

/**
 * Returns a person in the app's scope.
 *
 * @throws {OapiRefusal} 60121 unknown userid, 50002 outside the app's scope
 */
export function requireVisiblePerson({ organization, app }: OapiCall, userid: string): Person {
  const person = findPerson(organization.directory, userid);
  if (!person) throw personNotFound();
  if (!isPersonInScope(organization.directory, app.scope, person)) {
    throw new OapiRefusal(50002, "请求的员工userid不在授权范围内");
  }
  return person;
}
