import { notFound } from "next/navigation";
import { getTranslations } from "next-intl/server";
import { AnnounceNewItems } from "@/app/_components/feedback/announce";
import { LivePage } from "@/app/_components/live/live-page";
import { Link } from "@/app/_components/navigation/link";
import { Card } from "@/app/_components/page/card";
import { ClientMessages } from "@/app/_components/page/client-messages";
import { PageHeader } from "@/app/_components/page/page-header";
import { triggerText } from "@/app/_components/status/run-facts";
import { StateBadge } from "@/app/_components/status/state-badge";
import { DateTime } from "@/app/_components/time/date-time";
import { type Actor, may } from "@/lib/auth/actor";
import { getApp } from "@/lib/dingtalk-apps/queries";
import { listRemovals } from "@/lib/directory/changes/list-removals";
import { changesQuery } from "@/lib/directory/changes/schema";
import { getDirectorySummary } from "@/lib/directory/runs/directory-summary";
import { getRun, type RunDetail } from "@/lib/directory/runs/get-run";
import { getLiveState } from "@/lib/directory/runs/live-state";
import { toProgress } from "@/lib/directory/runs/run";
import { canSync, hasPlan, isUnderWay } from "@/lib/directory/runs/run-states";
import { orNotFound, pageActor } from "@/lib/http/authorize-page";
import { getOrganization } from "@/lib/organizations/queries";
import { SyncButton } from "../sync-button";
import { SyncNowButton } from "../sync-now-button";
import { CancelSync } from "./cancel-sync";
import { ChangesSection } from "./changes-section";
import { DecideRunForm } from "./decision/decide-form";
import { HoldReasons } from "./decision/hold-reasons";
import { RemovalsTree } from "./decision/removals-tree";
import classes from "./run.module.css";
import { Continues, RunOutcomeCard } from "./run-outcome-card";
import { AlreadyRunningNotice, RunProgressCard } from "./run-progress";

type PlanProps = { readonly actor: Actor<"directory.read">; readonly run: RunDetail };

/** The removals of a held run's plan, by subtree. */
async function Removals({ actor, run, href }: PlanProps & { readonly href: string }) {
  const t = await getTranslations("held");
  const listed = await listRemovals(actor, { appId: run.appId, runId: run.id });
  const list = `${href}?kind=removed`;
  if (listed.ok && listed.value.groupsTotal + listed.value.peopleTotal === 0) return null;
  return (
    <Card title={t(run.state === "held" ? "removals" : "removed")}>
      {listed.ok ? (
        <RemovalsTree groups={listed.value} feed={`${href}/decision/removals`} list={list} />
      ) : (
        <p className={classes.same}>
          {t("notGathered")} <Link href={`${list}#changes`}>{t("seeList")}</Link>
        </p>
      )}
    </Card>
  );
}

async function Decision({ actor, organization, run }: PlanProps & { readonly organization: string }) {
  const t = await getTranslations("common");
  if (!may(actor, "directory.decide")) return <Card>{t("needsAdmin")}</Card>;
  return (
    <DecideRunForm
      organization={organization}
      run={run.id}
      departments={run.removed}
      members={run.membersRemoved}
    />
  );
}

export default async function RunPage({
  params,
  searchParams,
}: PageProps<"/o/[organization]/apps/[app]/syncs/[run]">) {
  const { organization, app: appId, run: runId } = await params;
  const app = await orNotFound(getApp(await pageActor(organization, "app.read"), appId));
  const actor = await pageActor(organization, "directory.read");
  // First, so that somebody else's decision is noticed at the next poll.
  const live = await orNotFound(getLiveState(actor, app.id));
  const run = await orNotFound(getRun(actor, runId));
  if (run.appId !== app.id) notFound();
  const { name } = await getOrganization(await pageActor(organization, "organization.read"));
  const { nextSyncAt } = await getDirectorySummary(actor, app.id);
  const t = await getTranslations("sync");
  const states = await getTranslations("state.run");
  const common = await getTranslations("common");
  const base = `/o/${organization}/apps/${app.id}/syncs`;
  const href = `${base}/${run.id}`;
  const title = t("run", { number: run.number });
  const isHeld = run.state === "held";
  const held = await getTranslations("held");
  const { decision } = run;
  const decided = decision
    ? [{ key: decision, sentence: held("decidedAs", { what: held(`decision.${decision}`) }) }]
    : [];
  const parameters = await searchParams;
  const isLive = isUnderWay(run.state);
  const isFailed = run.state === "failed" || (run.state === "interrupted" && !run.resumedBy);
  const action = isLive ? (
    <CancelSync organization={organization} run={run.id} />
  ) : isFailed && canSync(app.state) ? (
    <SyncNowButton organization={organization} app={app.id} label={common("retry")} />
  ) : (
    <SyncButton organization={organization} app={app} isPrimary={!isHeld} />
  );
  const body = (
    <>
      {run.heldFor !== null && (
        <HoldReasons
          run={run}
          settings={may(actor, "app.change") ? `/o/${organization}/apps/${app.id}/settings/directory` : null}
        />
      )}
      {isLive ? (
        <RunProgressCard initial={toProgress(run)} feed={`${href}/progress`} />
      ) : (
        <RunOutcomeCard run={run} base={base} nextSyncAt={nextSyncAt} />
      )}
      {run.heldFor !== null && <Removals actor={actor} run={run} href={href} />}
      {isHeld && <Decision actor={actor} organization={organization} run={run} />}
      {hasPlan(run) && (
        <ChangesSection actor={actor} run={run} href={href} query={changesQuery.parse(parameters)} />
      )}
    </>
  );
  return (
    <ClientMessages namespaces={["auth", "changes", "held", "state", "sync"]}>
      <title>{`${isHeld ? `${states("held")} · ` : ""}${title} · ${app.name} · ${name} – Dingkeep`}</title>
      <PageHeader
        title={title}
        state={
          <>
            <StateBadge kind="run" state={run.state} />
            <span className={classes.meta}>
              {run.mode !== "full" && <>{t(`mode.${run.mode}`)} · </>}
              {triggerText(run, t)} · <DateTime at={run.startedAt ?? run.queuedAt} />
            </span>
          </>
        }
        actions={may(actor, "directory.sync") ? action : undefined}
      />
      <AnnounceNewItems items={decided} />
      <Continues run={run} base={base} />
      {isLive && parameters.already !== undefined && <AlreadyRunningNotice />}
      {isHeld ? (
        <LivePage feed={`/o/${organization}/live?app=${app.id}`} initial={live}>
          {body}
        </LivePage>
      ) : (
        body
      )}
    </ClientMessages>
  );
}
