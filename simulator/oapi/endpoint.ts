import type { Access } from "../gateway/check-access";
import { findDepartment, isDepartmentInScope } from "../organization/directory";
import type { Department } from "../organization/model";
import type { World } from "../world";
import type { Parameters } from "./parameters";
import { departmentNotFound, departmentOutOfScope, OapiRefusal } from "./refusal";

export type OapiCall = Access & { readonly world: World; readonly parameters: Parameters };

/** One address of the oapi host. */
export type OapiEndpoint = {
  readonly method: "GET" | "POST";
  readonly permission: string | null;
  /**
   * @returns the answer's members besides `errcode` and `errmsg`
   * @throws {OapiRefusal}
   */
  readonly answer: (call: OapiCall) => Record<string, unknown>;
};

/**
 * A department that the app may see.
 *
 * @throws {OapiRefusal} 40009 the id is of a special department (reference 4.7), 60003 there is none, 50004 it is
 *   outside the app's scope
 */
export function requireVisibleDepartment(call: OapiCall, id: number): Department {
  const department = requireAnyDepartment(call, id);
  if (!isDepartmentInScope(call.organization.directory, call.app.scope, id)) throw departmentOutOfScope();
  return department;
}

/** A department whether the app may see it or not, for the endpoints that do not ask (reference 4.3, 5.2). */
export function requireAnyDepartment({ organization }: OapiCall, id: number): Department {
  if (id <= 0) throw new OapiRefusal(40009, "不合法的部门id");
  const department = findDepartment(organization.directory, id);
  if (!department) throw departmentNotFound();
  return department;
}
