import { useTranslations } from "next-intl";
import { CopyButton } from "@/app/_components/feedback/copy-button";
import { FaultPanel, RemedySteps } from "@/app/_components/status/fault-panel";
import { DateTime } from "@/app/_components/time/date-time";
import { CHECK_PLANS } from "@/lib/doctor/required-permissions";
import type { DoctorCheck, DoctorCheckName } from "@/lib/doctor/schema";
import { REMEDIES, type Remedy } from "@/lib/i18n/fault-remedies";
import { permissionName } from "@/lib/i18n/fault-words";
import { checkText } from "./check-text";
import classes from "./doctor.module.css";
import { CheckAgain, CheckBadge } from "./doctor-run";

/** Returns the remedy for a warning without a DingTalk error. */
function remedyOf(name: DoctorCheckName, { state, fault }: DoctorCheck): Remedy | null {
  if (fault || state !== "warning") return null;
  if (name === "scope" || name === "headcount") return REMEDIES.scope;
  const { permission } = CHECK_PLANS[name];
  return permission === undefined ? null : REMEDIES.permission(permission);
}

/** The API called, the permission it needs, and where to change it. */
function About({ name, host }: { readonly name: DoctorCheckName; readonly host: string | null }) {
  const t = useTranslations("doctor");
  const fault = useTranslations("fault");
  const { api = host, permission, place } = CHECK_PLANS[name];
  return (
    <dl className={classes.about}>
      {api && (
        <div>
          <dt>{t("called")}</dt>
          <dd>
            <code>{api}</code>
          </dd>
        </div>
      )}
      {permission && (
        <div>
          <dt>{t("permission")}</dt>
          <dd>
            {permissionName(fault, permission)}
            <CopyButton value={permission} label={fault("copyPermission", { code: permission })} />
          </dd>
        </div>
      )}
      {place && (
        <div>
          <dt>{t("place")}</dt>
          <dd>{fault(`place.${place}`)}</dd>
        </div>
      )}
    </dl>
  );
}

type Props = {
  readonly name: DoctorCheckName;
  readonly check: DoctorCheck;
  /** The API that returns tokens. */
  readonly tokenApi: string;
  readonly mayRun: boolean;
};

/** One check with its result, time and remedy. */
export function CheckRow({ name, check, tokenApi, mayRun }: Props) {
  const t = useTranslations("doctor");
  const { state, fault, checkedAt } = check;
  const text = checkText(t, name, check);
  const remedy = remedyOf(name, check);
  const isToken = name === "reach" || name === "credentials";
  return (
    <li>
      <div className={classes.head}>
        <span>
          <CheckBadge check={name} state={state} />
        </span>
        <span className={classes.what}>
          <span className={classes.name}>{t(`check.${name}`)}</span>{" "}
          {text && <bdi className={classes.text}>{text}</bdi>}
        </span>
        <span className={classes.when}>
          <span className="visually-hidden">{t("checked")}</span> <DateTime at={new Date(checkedAt)} />
        </span>
        {mayRun && !CHECK_PLANS[name].isDerived && <CheckAgain check={name} />}
      </div>
      <About name={name} host={isToken ? tokenApi : null} />
      {fault && <FaultPanel fault={fault} heading="h3" tone={state === "failed" ? "danger" : "caution"} />}
      {remedy && (
        <div className={classes.remedy}>
          <RemedySteps text={remedy} />
        </div>
      )}
    </li>
  );
}
