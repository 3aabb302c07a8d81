import type { useTranslations } from "next-intl";
import type { Fault } from "@/lib/dingtalk-apps/schema";

/** Where apps are made and changed at DingTalk. */
export const CONSOLE_URL = "https://open-dev.dingtalk.com/";

/** The permission that a refused call needs, where DingTalk's answer doesn't name it. */
const PERMISSION_BY_API: Readonly<Record<string, string>> = {
  "auth/scopes": "qyapi_base",
  "topapi/v2/department/listsub": "qyapi_get_department_list",
  "topapi/v2/department/get": "qyapi_get_department_list",
  "department/list": "qyapi_get_department_list",
};

type Place = "P0" | "P1" | "P2" | "P3" | "P4" | "P5" | "P6";

/** One thing to do, and where in DingTalk's console. */
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
    | "widenScope"
    | "addIp"
    | "checkEvents"
    | "compareCallback";
  readonly place?: Place;
};

const pair: FaultStep = { name: "checkPair", place: "P1" };
const corp: FaultStep = { name: "checkCorp", place: "P0" };
const permissions: FaultStep = { name: "checkPermissions", place: "P2" };
const scope: FaultStep = { name: "widenScope", place: "P3" };

/** What a person does about a kind of failure; nothing in the console helps against those that aren't here. */
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
  needs_authorization: [permissions],
  missing_permission: [
    { name: "applyPermission", place: "P2" },
    { name: "release", place: "P5" },
  ],
  department_out_of_scope: [scope],
  member_out_of_scope: [scope],
  ip_not_allowed: [{ name: "addIp", place: "P4" }],
  api_disabled: [permissions],
  suite_ticket_stale: [{ name: "checkEvents", place: "P6" }],
  callback_check_failed: [{ name: "compareCallback", place: "P6" }],
};

/** Kinds whose remedy is another pair of AppKey and AppSecret. */
const OF_THE_PAIR: ReadonlySet<string> = new Set(["credentials_refused", "client_refused"]);

export const isOfThePair = ({ kind }: Pick<Fault, "kind">): boolean => OF_THE_PAIR.has(kind);

export type FaultTranslator = ReturnType<typeof useTranslations<"fault">>;

export type FaultWords = {
  readonly title: string;
  /** What it means. */
  readonly body: string;
  readonly steps: readonly FaultStep[];
  /** What is to be copied on the way: a permission's code, an address. */
  readonly permission: string;
  readonly ip: string | null;
};

/** What a failure of DingTalk's says to a person, in their language. */
export function faultWords(t: FaultTranslator, fault: Fault): FaultWords {
  const permission = fault.requiredScopes.join(", ") || (PERMISSION_BY_API[fault.api] ?? fault.api);
  const values = {
    host: fault.host,
    code: fault.subCode ?? fault.code ?? "–",
    ip: fault.callerIp ?? t("ipUnknown"),
    permission,
  };
  const kind = t.has(`kind.${fault.kind}.title` as never) ? fault.kind : "unknown_code";
  return {
    title: t(`kind.${kind}.title` as never, values as never),
    body: t(`kind.${kind}.body` as never, values as never),
    steps: STEPS[kind] ?? [],
    permission,
    ip: fault.callerIp,
  };
}
