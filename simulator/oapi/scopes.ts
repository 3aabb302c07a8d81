import { findDepartment, findPerson } from "../organization/directory";
import type { OapiCall, OapiEndpoint } from "./endpoint";

/**
 * The app's contact scope.
 *
 * @see docs/dingtalk/permissions-and-scopes.md#get-authscopes
 */
export const SCOPE_ENDPOINTS: Readonly<Record<string, OapiEndpoint>> = {
  "auth/scopes": { method: "GET", permission: "qyapi_base", answer: readScopes },
};

function readScopes({ app, organization: { directory } }: OapiCall) {
  const fields = ["userid", "name", "unionid", "department", "position", "jobnumber", "avatar", "isLeader"];
  if (app.kind === "internal" && app.permissions.includes("fieldMobile")) fields.push("mobile");
  if (app.kind === "internal" && app.permissions.includes("fieldEmail")) fields.push("email", "orgEmail");
  return {
    auth_user_field: fields,
    condition_field: [],
    auth_org_scopes: {
      authed_user: app.scope.users.filter((userid) => findPerson(directory, userid) !== null),
      authed_dept: app.scope.departments.filter((id) => findDepartment(directory, id) !== null),
    },
  };
}
