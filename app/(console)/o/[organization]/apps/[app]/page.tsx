import { getTranslations } from "next-intl/server";
import { may } from "@/lib/auth/actor";
import { getApp } from "@/lib/dingtalk-apps/queries";
import { toFault } from "@/lib/dingtalk-apps/schema";
import { getDirectorySummary } from "@/lib/directory/queries";
import { orNotFound } from "@/lib/http/or-not-found";
import { pageActor } from "@/lib/http/page-actor";
import { getOrganization } from "@/lib/organizations/queries";
import { getTokenFacts } from "@/lib/tokens/queries";
import { ClientMessages } from "../../../../../_components/client-messages";
import { FaultPanel } from "../../../../../_components/fault-panel";
import { LinkButton } from "../../../../../_components/link-button";
import { Moment } from "../../../../../_components/moment";
import { PageHead } from "../../../../../_components/page-head";
import { StateBadge } from "../../../../../_components/state-badge";
import classes from "./app.module.css";
import { CredentialsCard, SyncCard, TokenCard } from "./app-cards";
import { RetestButton } from "./retest-button";
import { SyncNow } from "./syncs/sync-now";

export default async function AppPage({ params }: PageProps<"/o/[organization]/apps/[app]">) {
  const { organization, app: appId } = await params;
  const actor = await pageActor(organization, "app.read");
  const app = await orNotFound(getApp(actor, appId));
  const reader = await pageActor(organization, "directory.read");
  const [summary, token, { name, timeZone }] = await Promise.all([
    getDirectorySummary(reader, app.id),
    getTokenFacts(actor, app.id),
    getOrganization(await pageActor(organization, "organization.read")),
  ]);
  const t = await getTranslations("app");
  const base = `/o/${organization}/apps/${app.id}`;
  const isWorking = app.state === "verified";
  const fault = isWorking ? null : toFault(app.stateReason);
  return (
    <ClientMessages namespaces={["app", "fault", "state", "sync"]}>
      <title>{`${app.name} · ${name} – Dingkeep`}</title>
      <PageHead
        title={app.name}
        state={
          <>
            <StateBadge kind="app" state={app.state} />
            <span className={classes.since}>
              {t("since")} <Moment at={app.stateSince} timeZone={timeZone} />
            </span>
          </>
        }
        actions={
          <>
            {summary.departments > 0 && (
              <LinkButton href={`${base}/directory`} variant="default">
                {t("openDirectory")}
              </LinkButton>
            )}
            {(isWorking || app.state === "degraded") && may(reader, "directory.sync") && (
              <SyncNow organization={organization} app={app.id} />
            )}
          </>
        }
      />
      {fault && <FaultPanel fault={fault} isKept />}
      {!isWorking && may(actor, "app.change") && <RetestButton organization={organization} app={app.id} />}
      <div className={classes.cards}>
        <TokenCard token={token} href={`${base}/token`} timeZone={timeZone} />
        <SyncCard summary={summary} base={base} timeZone={timeZone} />
      </div>
      <CredentialsCard app={app} />
    </ClientMessages>
  );
}
