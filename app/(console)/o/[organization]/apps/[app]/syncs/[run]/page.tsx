import { notFound } from "next/navigation";
import { getTranslations } from "next-intl/server";
import { may } from "@/lib/auth/actor";
import { getApp } from "@/lib/dingtalk-apps/queries";
import { getDirectorySummary, getRun } from "@/lib/directory/queries";
import { isUnderWay } from "@/lib/directory/run-states";
import { toProgress } from "@/lib/directory/to-progress";
import { orNotFound } from "@/lib/http/or-not-found";
import { pageActor } from "@/lib/http/page-actor";
import { getOrganization } from "@/lib/organizations/queries";
import { ClientMessages } from "../../../../../../../_components/client-messages";
import { Moment } from "../../../../../../../_components/moment";
import { PageHead } from "../../../../../../../_components/page-head";
import { requester } from "../../../../../../../_components/requester";
import { StateBadge } from "../../../../../../../_components/state-badge";
import { canSync } from "../../can-sync";
import { SyncAction } from "../sync-action";
import { SyncNow } from "../sync-now";
import { AlreadyRunning } from "./already-running";
import { CancelSync } from "./cancel-sync";
import { LiveRun } from "./live-run";
import classes from "./run.module.css";
import { Continues, RunOutcomeCard } from "./run-outcome-card";

export default async function RunPage({
  params,
  searchParams,
}: PageProps<"/o/[organization]/apps/[app]/syncs/[run]">) {
  const { organization, app: appId, run: runId } = await params;
  const app = await orNotFound(getApp(await pageActor(organization, "app.read"), appId));
  const actor = await pageActor(organization, "directory.read");
  const run = await orNotFound(getRun(actor, runId));
  if (run.appId !== app.id) notFound();
  const { name } = await getOrganization(await pageActor(organization, "organization.read"));
  const { nextSyncAt } = await getDirectorySummary(actor, app.id);
  const t = await getTranslations("sync");
  const common = await getTranslations("common");
  const base = `/o/${organization}/apps/${app.id}/syncs`;
  const title = t("run", { number: run.number });
  const isLive = isUnderWay(run.state);
  const isFailed = run.state === "failed" || (run.state === "interrupted" && !run.resumedBy);
  const action = isLive ? (
    <CancelSync organization={organization} run={run.id} />
  ) : isFailed && canSync(app.state) ? (
    <SyncNow organization={organization} app={app.id} label={common("retry")} />
  ) : (
    <SyncAction organization={organization} app={app} />
  );
  return (
    <ClientMessages namespaces={["state", "sync"]}>
      <title>{`${title} · ${app.name} · ${name} – Dingkeep`}</title>
      <PageHead
        title={title}
        state={
          <>
            <StateBadge kind="run" state={run.state} />
            <span className={classes.meta}>
              {requester(run, t)} · <Moment at={run.startedAt ?? run.queuedAt} />
            </span>
          </>
        }
        actions={may(actor, "directory.sync") ? action : undefined}
      />
      <Continues run={run} base={base} />
      {isLive && (await searchParams).already !== undefined && <AlreadyRunning />}
      {isLive ? (
        <LiveRun initial={toProgress(run)} feed={`${base}/${run.id}/progress`} />
      ) : (
        <RunOutcomeCard run={run} base={base} nextSyncAt={nextSyncAt} />
      )}
    </ClientMessages>
  );
}
