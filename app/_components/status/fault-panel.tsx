import { IconAlertOctagon, IconAlertTriangle, IconCircleDashed, IconExternalLink } from "@tabler/icons-react";
import { useTranslations } from "next-intl";
import { Fragment, type ReactNode } from "react";
import type { Fault } from "@/lib/dingtalk-apps/schema";
import { CONSOLE_URL, type FaultStep, type Remedy } from "@/lib/i18n/fault-remedies";
import { faultWords } from "@/lib/i18n/fault-words";
import { CopyButton } from "../feedback/copy-button";
import { CodeFact } from "../text/code-fact";
import classes from "./fault-panel.module.css";

const ICONS = { danger: IconAlertOctagon, caution: IconAlertTriangle, neutral: IconCircleDashed } as const;

type CopiedProps = { readonly value: string; readonly label: string };

const Copied = ({ value, label }: CopiedProps) => (
  <span className={classes.value}>
    <code>{value}</code>
    <CopyButton value={value} label={label} />
  </span>
);

function Step({ step, text }: { readonly step: FaultStep; readonly text: Remedy }) {
  const t = useTranslations("fault");
  const location = <strong>{step.place && t(`place.${step.place}`)}</strong>;
  const permission = text.permissions.map((code, index) => (
    <Fragment key={code}>
      {index > 0 && t("listComma")}
      <Copied value={code} label={t("copyPermission", { code })} />
    </Fragment>
  ));
  const ip = text.ip && <Copied value={text.ip} label={t("copyIp")} />;
  return (
    <li>
      {t.rich(`step.${step.name}`, { place: () => location, permission: () => permission, ip: () => ip })}
    </li>
  );
}

/** The steps to take in DingTalk's console, in order. */
export function RemedySteps({ text }: { readonly text: Remedy }) {
  const t = useTranslations("fault");
  if (text.steps.length === 0) return null;
  return (
    <ol className={classes.steps} aria-label={t("steps")}>
      <li>
        <a href={CONSOLE_URL} target="_blank" rel="noreferrer noopener">
          {t("console")}
          <IconExternalLink size={14} aria-hidden />
          <span className="visually-hidden">{t("newTab")}</span>
        </a>
      </li>
      {text.steps.map((step) => (
        <Step key={step.name} step={step} text={text} />
      ))}
    </ol>
  );
}

/** The answer that came instead of DingTalk's, as text. It often identifies the proxy in between. */
function Answer({ fault }: { readonly fault: Fault }) {
  const t = useTranslations("fault");
  const { status, contentType, bodyStart } = fault;
  const facts = [
    [t("status"), status],
    [t("contentType"), contentType],
    [t("bodyStart"), bodyStart],
  ] as const;
  return (
    <dl aria-label={t("answer")}>
      {facts.map(
        ([label, value]) =>
          value && (
            <div key={label}>
              <dt>{label}</dt>
              <dd>
                <bdi>
                  <code>{value}</code>
                </bdi>
              </dd>
            </div>
          ),
      )}
    </dl>
  );
}

type Answered = Pick<Fault, "code" | "subCode" | "requestId"> & {
  readonly api: string | null;
  readonly message: string | null;
};

type AnswerDetailsProps = { readonly answer: Answered; readonly isOpen: boolean };

/** DingTalk's error message and codes, to quote in a support request. Open by default for unknown codes. */
export function AnswerDetails({ answer, isOpen }: AnswerDetailsProps) {
  const t = useTranslations("fault");
  return (
    <details open={isOpen} className={classes.quoted}>
      <summary>{t("details")}</summary>
      <dl>
        <CodeFact label={t("code")} value={answer.code} copyLabel={t("copyCode")} />
        <CodeFact label={t("subCode")} value={answer.subCode} copyLabel={t("copySubCode")} />
        <CodeFact label={t("requestId")} value={answer.requestId} copyLabel={t("copyRequestId")} />
        <CodeFact label={t("api")} value={answer.api} />
        {answer.message && (
          <div>
            <dt>{t("message")}</dt>
            <dd>
              <bdi>{answer.message}</bdi>
            </dd>
          </div>
        )}
      </dl>
    </details>
  );
}

type Props = {
  readonly fault: Fault;
  /** Severity in this context. */
  readonly tone?: keyof typeof ICONS;
  /** `h3` inside a card with its own heading. */
  readonly heading?: "h2" | "h3";
  /** Says whether Dingkeep retries. Only for continuous work such as token renewal, not for a finished test or run. */
  readonly retry?: Fault["retry"];
  /** The consequence in this context. */
  readonly children?: ReactNode;
  readonly actions?: ReactNode;
};

/** Explains a DingTalk error: meaning, remedy, retry, and DingTalk's own message and codes. */
export function FaultPanel({ fault, tone = "danger", heading: Heading = "h2", retry, ...rest }: Props) {
  const t = useTranslations("fault");
  const text = faultWords(t, fault);
  const Icon = ICONS[tone];
  return (
    <div className={classes.panel} data-tone={tone}>
      <Icon size={20} aria-hidden className={classes.icon} />
      <div className={classes.originalError}>
        <Heading tabIndex={-1} data-fault-title>
          {text.title}
        </Heading>
        <p>{text.body}</p>
        {fault.kind === "not_dingtalk" && <Answer fault={fault} />}
        <RemedySteps text={text} />
        {rest.children && <p className={classes.retry}>{rest.children}</p>}
        {retry && <p className={classes.retry}>{t(`retry.${retry}`)}</p>}
        <AnswerDetails answer={fault} isOpen={fault.kind === "unknown_code"} />
        {rest.actions && <div className={classes.actions}>{rest.actions}</div>}
      </div>
    </div>
  );
}
