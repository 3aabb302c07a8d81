"use client";

import { useTranslations } from "next-intl";
import { toFault } from "@/lib/dingtalk-apps/schema";
import { FaultPanel } from "./fault-panel";
import { Notice } from "./notice";

/** Why a run failed, or removed nothing: DingTalk's fault, or a reason of our own. */
export function RunReason({ error, isFailure }: { readonly error: unknown; readonly isFailure: boolean }) {
  const t = useTranslations("sync");
  if (error === null || typeof error !== "object") return null;
  const fault = toFault(error);
  if (fault) return <FaultPanel fault={fault} />;
  const { kind, ...values } = error as { kind: string; [name: string]: string | number };
  const key = t.has(`reason.${kind}.title` as never) ? kind : "internal";
  const said = { ...values, max: values.departmentsMax };
  return (
    <Notice tone={isFailure ? "danger" : "caution"}>
      <strong>{t(`reason.${key}.title` as never, said as never)}</strong>
      <br />
      {t(`reason.${key}.body` as never, said as never)}
    </Notice>
  );
}
