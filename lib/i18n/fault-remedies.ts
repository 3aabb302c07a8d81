import type { UpstreamFault } from "@/lib/errors";

export const CONSOLE_URL = "https://open-dev.dingtalk.com/";

/** The permission that a call needs, for refusals that don't name it. */
const PERMISSION_BY_API: Readonly<Record<string, string>> = {
  "auth/scopes": "qyapi_base",
  "topapi/v2/department/listsub": "qyapi_get_department_list",
  "topapi/v2/department/get": "qyapi_get_department_list",
  "topapi/v2/department/listsubid": "qyapi_get_department_list",
  "topapi/v2/user/list": "qyapi_get_department_member",
  "topapi/user/listid": "qyapi_get_department_member",
  "topapi/user/count": "qyapi_get_department_member",
  "topapi/v2/user/get": "qyapi_get_member",
  "department/list": "qyapi_get_department_list",
};

type ConsolePage = "P0" | "P1" | "P2" | "P3" | "P4" | "P5" | "P6" | "P8";

export type FaultStep = {
  readonly name:
    | "copyPair"
    | "checkRelease"
    | "checkPair"
    | "checkCorp"
    | "copyCorp"
    | "letAuthorize"
    | "checkPermissions"
    | "applyPermission"
    | "release"
    | "releaseIfAsked"
    | "widenScope"
    | "checkAvailability"
    | "addIp"
    | "addOurIp"
    | "checkEvents"
    | "pasteTicket"
    | "copySuite"
    | "compareCallback";
  readonly place?: ConsolePage;
};

const pair: FaultStep = { name: "checkPair", place: "P1" };
const corp: FaultStep = { name: "checkCorp", place: "P0" };
const permissions: FaultStep = { name: "checkPermissions", place: "P2" };
const releaseIfAsked: FaultStep = { name: "releaseIfAsked", place: "P5" };
const release: FaultStep = { name: "release", place: "P5" };
const scope: FaultStep = { name: "widenScope", place: "P3" };

/** Kinds without steps can't be fixed in DingTalk's console. */
const STEPS: Readonly<Record<string, readonly FaultStep[]>> = {
  credentials_refused: [
    { name: "copyPair", place: "P1" },
    { name: "checkRelease", place: "P5" },
  ],
  client_refused: [pair, corp],
  organization_unauthorized: [corp, { name: "letAuthorize" }],
  corp_id_wrong: [{ name: "copyCorp", place: "P0" }],
  corp_mismatch: [corp, pair],
  token_refused_again: [pair],
  needs_authorization: [permissions, release],
  missing_permission: [{ name: "applyPermission", place: "P2" }, release],
  department_out_of_scope: [scope],
  member_out_of_scope: [scope, { name: "checkAvailability", place: "P5" }],
  ip_not_allowed: [{ name: "addIp", place: "P4" }, releaseIfAsked],
  api_disabled: [permissions],
  suite_ticket_stale: [{ name: "checkEvents", place: "P6" }, { name: "pasteTicket" }],
  suite_credentials_refused: [{ name: "copySuite", place: "P8" }],
  // DingTalk returns the same error for an organization that never authorized the app.
  authorization_withdrawn: [{ name: "letAuthorize" }, corp],
  callback_check_failed: [{ name: "compareCallback", place: "P6" }],
};

const STEPS_FOR_UNKNOWN_IP: readonly FaultStep[] = [{ name: "addOurIp", place: "P4" }, releaseIfAsked];

export type Remedy = {
  readonly steps: readonly FaultStep[];
  readonly permissions: readonly string[];
  readonly ip: string | null;
};

/** Remedies for incomplete data without an error. */
export const REMEDIES = {
  scope: { steps: [scope, { name: "checkAvailability", place: "P5" }], permissions: [], ip: null },
  permission: (code: string): Remedy => ({
    steps: [{ name: "applyPermission", place: "P2" }, release],
    permissions: [code],
    ip: null,
  }),
} as const satisfies Record<string, Remedy | ((code: string) => Remedy)>;

/** Returns the steps against a fault and the permissions to apply for. */
export function remedyFor({ kind, api, callerIp, requiredScopes }: UpstreamFault): Remedy {
  const isIpUnknown = kind === "ip_not_allowed" && callerIp === null;
  return {
    steps: isIpUnknown ? STEPS_FOR_UNKNOWN_IP : (STEPS[kind] ?? []),
    permissions: requiredScopes.length > 0 ? requiredScopes : [PERMISSION_BY_API[api] ?? api],
    ip: callerIp,
  };
}
