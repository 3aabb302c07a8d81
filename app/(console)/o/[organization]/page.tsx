import { getTranslations } from "next-intl/server";
import { LivePage } from "@/app/_components/live/live-page";
import { Link } from "@/app/_components/navigation/link";
import { LinkButton } from "@/app/_components/navigation/link-button";
import { ClientMessages } from "@/app/_components/page/client-messages";
import { PageHeader } from "@/app/_components/page/page-header";
import { may } from "@/lib/auth/actor";
import { listQuotas } from "@/lib/calls/quota/queries";
import { pageActor } from "@/lib/http/authorize-page";
import { getOrganization } from "@/lib/organizations/queries";
import { NO_TOKEN_YET } from "@/lib/tokens/queries";
import { ActivityCard } from "./activity-card";
import { AppActions, AppBody, AppState } from "./apps/[app]/app-view";
import { ConnectionTestProvider } from "./apps/[app]/connection-test";
import { AppList } from "./apps/app-list";
import { type AppRow, loadApps } from "./apps/load-apps";
import { listProblems } from "./attention";
import { AttentionList } from "./attention-list";
import { FirstSteps } from "./first-steps";
import classes from "./overview.module.css";

type Rights = { readonly mayConnect: boolean; readonly mayChange: boolean; readonly maySync: boolean };
type PartProps = { readonly organization: string; readonly rights: Rights };

/** The overview before the first app. */
async function Start({ organization, rights }: PartProps) {
  const t = await getTranslations("overview");
  return (
    <>
      <PageHeader title={t("start")} />
      <FirstSteps organization={organization} app={null} mayConnect={rights.mayConnect} />
    </>
  );
}

/** The overview of a single app: its health, and before its first directory the remaining steps. */
async function OneApp({ organization, rights, app }: PartProps & { readonly app: AppRow }) {
  const t = await getTranslations("overview");
  const isNew = app.lastSeenAt === null && app.state !== "disabled";
  // The steps already show the active sync.
  const isUnderWay = isNew && app.summary.activeRunId !== null;
  const [quota] = await listQuotas(await pageActor(organization, "app.read"), { appId: app.id });
  const data = {
    organization,
    app,
    summary: app.summary,
    token: app.token ?? NO_TOKEN_YET,
    quota: quota?.quota ?? null,
    ...rights,
  };
  return (
    <ConnectionTestProvider organization={organization} app={app.id}>
      <PageHeader
        title={isNew ? t("start") : t("title")}
        actions={isUnderWay ? undefined : <AppActions {...data} />}
      />
      {isNew && <FirstSteps organization={organization} app={app} mayConnect={rights.mayConnect} />}
      <div className={classes.one}>
        <h2>
          <Link href={`/o/${organization}/apps/${app.id}`}>
            <bdi>{app.name}</bdi>
          </Link>
        </h2>
        <AppState app={app} />
      </div>
      {!isUnderWay && <AppBody {...data} />}
    </ConnectionTestProvider>
  );
}

async function ManyApps({ organization, rights, apps }: PartProps & { readonly apps: readonly AppRow[] }) {
  const t = await getTranslations("overview");
  const app = await getTranslations("app");
  const connect = rights.mayConnect && (
    <LinkButton href={`/o/${organization}/apps/new`}>{app("connect")}</LinkButton>
  );
  return (
    <>
      <PageHeader title={t("title")} actions={connect || undefined} />
      <AttentionList
        organization={organization}
        items={listProblems(apps)}
        mayChange={rights.mayChange}
        maySync={rights.maySync}
      />
      <AppList organization={organization} apps={apps} />
    </>
  );
}

export default async function OverviewPage({ params }: PageProps<"/o/[organization]">) {
  const { organization } = await params;
  const reader = await pageActor(organization, "organization.read");
  const [{ name }, { rows, live }] = await Promise.all([getOrganization(reader), loadApps(organization)]);
  const t = await getTranslations("overview");
  const rights = {
    mayConnect: may(reader, "app.connect"),
    mayChange: may(reader, "app.change"),
    maySync: may(reader, "directory.sync"),
  };
  const part = { organization, rights };
  const [only] = rows.length === 1 ? rows : [];
  return (
    <ClientMessages namespaces={only && rights.mayChange ? ["app", "fault", "state", "sync"] : ["sync"]}>
      <title>{`${t("title")} · ${name} – Dingkeep`}</title>
      <LivePage feed={`/o/${organization}/live`} initial={live}>
        {rows.length === 0 && <Start {...part} />}
        {only && <OneApp {...part} app={only} />}
        {rows.length > 1 && <ManyApps {...part} apps={rows} />}
        {rows.length > 0 && <ActivityCard organization={organization} showsEvents={rows.length > 1} />}
      </LivePage>
    </ClientMessages>
  );
}
