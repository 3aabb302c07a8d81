import type { DoctorCheckName } from "./schema";

/** API of a check, and the permission as DingTalk's console names it. */
export type CheckPlan = {
  readonly api?: string;
  readonly permission?: string;
  /** Page of DingTalk's console where the setting is, as listed in `messages/`. */
  readonly place?: "P1" | "P2" | "P3" | "P4" | "P5" | "P6";
  /** The result follows from other checks, so the check can't run alone. */
  readonly isDerived?: true;
};

export const CHECK_PLANS: Readonly<Record<DoctorCheckName, CheckPlan>> = {
  reach: {},
  credentials: { place: "P1" },
  release: { place: "P5", isDerived: true },
  egress: { api: "auth/scopes", place: "P4" },
  scopes: { api: "auth/scopes", permission: "qyapi_base", place: "P2" },
  departments: {
    api: "topapi/v2/department/listsub",
    permission: "qyapi_get_department_list",
    place: "P2",
  },
  department: { api: "topapi/v2/department/get", permission: "qyapi_get_department_list", place: "P2" },
  members: { api: "topapi/v2/user/list", permission: "qyapi_get_department_member", place: "P2" },
  member: { api: "topapi/v2/user/get", permission: "qyapi_get_member", place: "P2" },
  scope: { api: "auth/scopes", place: "P3" },
  mobile: { api: "topapi/v2/user/get", permission: "fieldMobile", place: "P2" },
  email: { api: "topapi/v2/user/get", permission: "fieldEmail", place: "P2" },
  headcount: { api: "topapi/user/count", permission: "qyapi_get_department_member", place: "P3" },
  wholeTree: { api: "department/list" },
  events: { place: "P6", isDerived: true },
  clock: { api: "auth/scopes" },
};

/** The API that returns tokens, by app kind. */
export const TOKEN_APIS = {
  internal: "v1.0/oauth2/accessToken",
  unified: "v1.0/oauth2/{corpId}/token",
  isv: "v1.0/oauth2/corpAccessToken",
} as const;
