import { getTranslations } from "next-intl/server";
import { Notice } from "@/app/_components/feedback/notice";
import { Card } from "@/app/_components/page/card";
import { ClientMessages } from "@/app/_components/page/client-messages";
import { PageHeader } from "@/app/_components/page/page-header";
import { StateBadge } from "@/app/_components/status/state-badge";
import { TimeZoneNote } from "@/app/_components/time/time-zone";
import { may } from "@/lib/auth/actor";
import { getApp } from "@/lib/dingtalk-apps/queries";
import { getDoctorReport } from "@/lib/doctor/queries";
import { TOKEN_APIS } from "@/lib/doctor/required-permissions";
import { CHECK_GROUPS, type CheckGroup, countChecks, type DoctorChecks } from "@/lib/doctor/schema";
import { orNotFound, pageActor } from "@/lib/http/authorize-page";
import { getOrganization } from "@/lib/organizations/queries";
import { CheckRow } from "./check-row";
import { reportText } from "./check-text";
import classes from "./doctor.module.css";
import { CheckEverything, CopyReport, DoctorAlert, DoctorRun } from "./doctor-run";

type GroupProps = {
  readonly group: CheckGroup;
  readonly checks: DoctorChecks;
  readonly tokenApi: string;
  readonly mayRun: boolean;
};

async function Group({ group, checks, ...row }: GroupProps) {
  const t = await getTranslations("doctor");
  const fault = await getTranslations("fault");
  return (
    <Card title={t(`group.${group}`)}>
      {group === "permissions" && (
        <p className={classes.note}>{t("releaseNote", { place: fault("place.P5") })}</p>
      )}
      <ul className={classes.checks}>
        {CHECK_GROUPS[group].map((name) => {
          const check = checks[name];
          return check && <CheckRow key={name} name={name} check={check} {...row} />;
        })}
      </ul>
    </Card>
  );
}

/** Returns the report as text in the user's language. */
async function reportOf(app: string, checks: DoctorChecks): Promise<string> {
  const [t, fault] = [await getTranslations("doctor"), await getTranslations("fault")];
  const [state, common] = [await getTranslations("state"), await getTranslations("common")];
  const times = Object.values(checks).map(({ checkedAt }) => checkedAt);
  const head = t("report", { product: common("product"), app, time: times.sort().at(-1) ?? "" });
  return reportText(head, checks, { t, fault, stateLabel: (word) => state(`check.${word}`) });
}

export default async function DoctorPage({ params }: PageProps<"/o/[organization]/apps/[app]/doctor">) {
  const { organization, app: appId } = await params;
  const actor = await pageActor(organization, "app.read");
  const checks = await orNotFound(getDoctorReport(actor, appId));
  const app = await orNotFound(getApp(actor, appId));
  const { name } = await getOrganization(await pageActor(organization, "organization.read"));
  const [t, common] = [await getTranslations("doctor"), await getTranslations("common")];
  const isKnown = Object.keys(checks).length > 0;
  const isDisabled = app.state === "disabled";
  const mayRun = may(actor, "directory.sync") && !isDisabled;
  return (
    <ClientMessages namespaces={["doctor", "state"]}>
      <title>{`${t("title")} · ${app.name} · ${name} – Dingkeep`}</title>
      <DoctorRun organization={organization} app={app.id}>
        <PageHeader
          title={t("title")}
          state={<StateBadge kind="app" state={app.state} />}
          actions={
            <>
              {isKnown && <CopyReport text={await reportOf(app.name, checks)} />}
              {mayRun && <CheckEverything />}
            </>
          }
        />
        <DoctorAlert />
        {isDisabled && <Notice tone="neutral">{t("disabled")}</Notice>}
        {!may(actor, "directory.sync") && <Notice tone="neutral">{common("needsAdmin")}</Notice>}
        <p className={classes.intro}>{t("intro")}</p>
        {isKnown ? (
          <>
            <TimeZoneNote />
            <p className={classes.summary}>{t("summary", countChecks(checks))}</p>
            {Object.keys(CHECK_GROUPS).map((group) => (
              <Group
                key={group}
                group={group as CheckGroup}
                checks={checks}
                tokenApi={TOKEN_APIS[app.kind]}
                mayRun={mayRun}
              />
            ))}
          </>
        ) : (
          <Card title={t("never")}>
            <p className={classes.intro}>{t("neverHelp")}</p>
          </Card>
        )}
      </DoctorRun>
    </ClientMessages>
  );
}
