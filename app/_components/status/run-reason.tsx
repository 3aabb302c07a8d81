import { useTranslations } from "next-intl";
import type { ReactNode } from "react";
import { toFault } from "@/lib/dingtalk-apps/schema";
import type { RefusedWith } from "@/lib/directory/runs/run-reasons";
import { type FaultTranslator, faultWords } from "@/lib/i18n/fault-words";
import { reasonWords, type SyncTranslator } from "@/lib/i18n/reason-words";
import { Notice } from "../feedback/notice";
import { AnswerDetails, FaultPanel } from "./fault-panel";

/** Returns the reason in a few words; `null` without one. */
export function reasonTitle(error: unknown, t: SyncTranslator, fault: FaultTranslator): string | null {
  if (error === null || typeof error !== "object") return null;
  const stored = toFault(error);
  return stored ? faultWords(fault, stored).title : reasonWords(t, error).title;
}

type Props = {
  readonly error: unknown;
  readonly isFailure: boolean;
  readonly heading?: "h2" | "h3";
  /** Says whether and when Dingkeep retries. */
  readonly children?: ReactNode;
  readonly actions?: ReactNode;
};

/** Explains why a run failed or left out removals: a DingTalk error, or a reason of Dingkeep's own. */
export function RunReason({ error, isFailure, heading = "h2", children, actions }: Props) {
  const t = useTranslations("sync");
  if (error === null || typeof error !== "object") return null;
  const fault = toFault(error);
  const tone = isFailure ? "danger" : "caution";
  if (fault) {
    return (
      <FaultPanel fault={fault} tone={tone} heading={heading} actions={actions}>
        {children}
      </FaultPanel>
    );
  }
  const { title, body } = reasonWords(t, error);
  const { code, subCode = null, requestId = null, message = null } = error as RefusedWith;
  return (
    <Notice tone={tone} title={title} actions={actions}>
      {body}
      {code !== undefined && (
        <AnswerDetails answer={{ code, subCode, requestId, message, api: null }} isOpen={false} />
      )}
      {children && <div>{children}</div>}
    </Notice>
  );
}
