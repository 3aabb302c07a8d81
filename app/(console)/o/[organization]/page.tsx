import { getTranslations } from "next-intl/server";
import { may } from "@/lib/auth/actor";
import { listApps } from "@/lib/dingtalk-apps/queries";
import { pageActor } from "@/lib/http/page-actor";
import { getOrganization } from "@/lib/organizations/queries";
import { Card } from "../../../_components/card";
import { ClientMessages } from "../../../_components/client-messages";
import { LinkButton } from "../../../_components/link-button";
import { PageHead } from "../../../_components/page-head";
import { AppList } from "./apps/app-list";
import classes from "./overview.module.css";

/** The way from nothing to a directory, for an organization without an app. */
async function FirstSteps({
  organization,
  mayConnect,
}: {
  readonly organization: string;
  readonly mayConnect: boolean;
}) {
  const t = await getTranslations("overview");
  const app = await getTranslations("app");
  return (
    <Card>
      <ol className={classes.steps}>
        <li>
          <strong>{t("stepConnect")}</strong>
          <span>{app("emptyHelp")}</span>
          {mayConnect && <LinkButton href={`/o/${organization}/apps/new`}>{app("connect")}</LinkButton>}
        </li>
        <li>
          <strong>{t("stepSync")}</strong>
          <span>{t("stepSyncHelp")}</span>
        </li>
        <li>
          <strong>{t("stepTree")}</strong>
          <span>{t("stepTreeHelp")}</span>
        </li>
      </ol>
    </Card>
  );
}

export default async function OverviewPage({ params }: PageProps<"/o/[organization]">) {
  const { organization } = await params;
  const actor = await pageActor(organization, "organization.read");
  const { name, timeZone } = await getOrganization(actor);
  const reader = await pageActor(organization, "app.read");
  const apps = await listApps(reader);
  const t = await getTranslations("overview");
  const app = await getTranslations("app");
  const mayConnect = may(reader, "app.connect");
  return (
    <ClientMessages namespaces={["state"]}>
      <title>{`${t("title")} · ${name} – Dingkeep`}</title>
      <PageHead
        title={apps.length === 0 ? t("start") : t("title")}
        actions={
          apps.length > 0 && mayConnect ? (
            <LinkButton href={`/o/${organization}/apps/new`} variant="default">
              {app("connect")}
            </LinkButton>
          ) : undefined
        }
      />
      {apps.length === 0 ? (
        <FirstSteps organization={organization} mayConnect={mayConnect} />
      ) : (
        <AppList organization={organization} apps={apps} timeZone={timeZone} />
      )}
    </ClientMessages>
  );
}
