"use client";

import { useTranslations } from "next-intl";
import type { Fault } from "@/lib/dingtalk-apps/schema";
import classes from "./fault-panel.module.css";

/** The permission that a refused call needs, where DingTalk's answer doesn't name it. */
const PERMISSION_BY_API: Readonly<Record<string, string>> = {
  "auth/scopes": "qyapi_base",
  "topapi/v2/department/listsub": "qyapi_get_department_list",
  "topapi/v2/department/get": "qyapi_get_department_list",
  "department/list": "qyapi_get_department_list",
};

const PLACES = ["P0", "P1", "P2", "P3", "P4", "P5", "P6"] as const;

/** Title and remedy of a fault, in the person's language. */
export function useFaultWords(fault: Fault): { readonly title: string; readonly body: string } {
  const t = useTranslations("fault");
  const places = Object.fromEntries(PLACES.map((place) => [place, t(`place.${place}`)]));
  const values = {
    ...places,
    host: fault.host,
    code: fault.subCode ?? fault.code ?? "–",
    ip: fault.callerIp ?? t("ipUnknown"),
    permission: fault.requiredScopes.join(", ") || (PERMISSION_BY_API[fault.api] ?? fault.api),
  };
  const kind = t.has(`kind.${fault.kind}.title` as never) ? fault.kind : "unknown_code";
  return {
    title: t(`kind.${kind}.title` as never, values as never),
    body: t(`kind.${kind}.body` as never, values as never),
  };
}

type Props = {
  readonly fault: Fault;
  /** It is of something that is kept up, such as a token; a test or a run that failed is over. */
  readonly isKept?: boolean;
};

/** A failure of DingTalk's: what it means, what to do, whether it is tried again, and DingTalk's own words to quote. */
export function FaultPanel({ fault, isKept = false }: Props) {
  const t = useTranslations("fault");
  const { title, body } = useFaultWords(fault);
  const facts: [string, string | null][] = [
    [t("code"), fault.code],
    [t("subCode"), fault.subCode],
    [t("requestId"), fault.requestId],
    [t("api"), fault.api],
  ];
  return (
    <div className={classes.panel}>
      <h2 tabIndex={-1} data-fault-title>
        {title}
      </h2>
      <p>{body}</p>
      {isKept && <p className={classes.retry}>{t(`retry.${fault.retry}`)}</p>}
      <details>
        <summary>{t("details")}</summary>
        <dl>
          {facts.map(
            ([label, value]) =>
              value && (
                <div key={label}>
                  <dt>{label}</dt>
                  <dd>
                    <code>{value}</code>
                  </dd>
                </div>
              ),
          )}
          {fault.message && (
            <div>
              <dt>{t("message")}</dt>
              <dd>
                <bdi>{fault.message}</bdi>
              </dd>
            </div>
          )}
        </dl>
      </details>
    </div>
  );
}
