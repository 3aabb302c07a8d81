import { LivePage } from "@/app/_components/live/live-page";
import { ClientMessages } from "@/app/_components/page/client-messages";
import { PageHeader } from "@/app/_components/page/page-header";
import { may } from "@/lib/auth/actor";
import { listQuotas } from "@/lib/calls/quota/queries";
import { getApp } from "@/lib/dingtalk-apps/queries";
import { getDirectorySummary } from "@/lib/directory/runs/directory-summary";
import { getLiveState } from "@/lib/directory/runs/live-state";
import { orNotFound, pageActor } from "@/lib/http/authorize-page";
import { getOrganization } from "@/lib/organizations/queries";
import { getTokenFacts } from "@/lib/tokens/queries";
import { AppActions, AppBody, AppState } from "./app-view";
import { ConnectionTestProvider } from "./connection-test";

export default async function AppPage({ params }: PageProps<"/o/[organization]/apps/[app]">) {
  const { organization, app: appId } = await params;
  const actor = await pageActor(organization, "app.read");
  const reader = await pageActor(organization, "directory.read");
  const reads = Promise.all([
    // First, so that a later change is noticed at the next poll.
    getLiveState(reader, appId),
    getApp(actor, appId),
    getDirectorySummary(reader, appId),
    getTokenFacts(actor, appId),
    listQuotas(actor, { appId }),
    getOrganization(await pageActor(organization, "organization.read")),
  ]);
  const [live, app, summary, token, [quota], { name }] = await orNotFound(reads);
  const data = {
    organization,
    app,
    summary,
    token,
    quota: quota?.quota ?? null,
    mayChange: may(actor, "app.change"),
    maySync: may(reader, "directory.sync"),
  };
  return (
    <ClientMessages namespaces={data.mayChange ? ["app", "fault", "state", "sync"] : ["sync"]}>
      <title>{`${app.name} · ${name} – Dingkeep`}</title>
      <LivePage feed={`/o/${organization}/live?app=${app.id}`} initial={live}>
        <ConnectionTestProvider organization={organization} app={app.id}>
          <PageHeader title={app.name} state={<AppState app={app} />} actions={<AppActions {...data} />} />
          <AppBody {...data} />
        </ConnectionTestProvider>
      </LivePage>
    </ClientMessages>
  );
}
