import type { useTranslations } from "next-intl";
import type { UpstreamFault } from "@/lib/errors";
import { type Remedy, remedyFor } from "./fault-remedies";

/** Permissions with a known name in DingTalk's console, Chinese in both languages. */
const NAMED_PERMISSIONS = [
  "qyapi_base",
  "qyapi_get_department_list",
  "qyapi_get_department_member",
  "qyapi_get_member",
  "fieldMobile",
  "fieldEmail",
] as const;

export type FaultTranslator = ReturnType<typeof useTranslations<"fault">>;

type FaultWords = Remedy & {
  readonly title: string;
  readonly body: string;
};

export function permissionName(t: FaultTranslator, code: string): string {
  const known = NAMED_PERMISSIONS.find((one) => one === code);
  return known ? t(`permission.${known}`) : code;
}

function messageKey(t: FaultTranslator, { kind, throttleScope }: UpstreamFault): string {
  if (kind === "throttled") return `throttle.${throttleScope ?? "unspecified"}`;
  return t.has(`kind.${kind}.title` as never) ? `kind.${kind}` : "kind.unknown_code";
}

export function faultWords(t: FaultTranslator, fault: UpstreamFault): FaultWords {
  const remedy = remedyFor(fault);
  const values = {
    host: fault.host,
    code: fault.subCode ?? fault.code ?? "–",
    ip: remedy.ip ?? "",
    permission: remedy.permissions.map((code) => permissionName(t, code)).join(t("listComma")),
  };
  const key = messageKey(t, fault);
  const isIpUnknown = fault.kind === "ip_not_allowed" && remedy.ip === null;
  return {
    title: isIpUnknown ? t("ipUnknownTitle") : t(`${key}.title` as never, values as never),
    body: t(`${key}.body` as never, values as never),
    ...remedy,
  };
}
