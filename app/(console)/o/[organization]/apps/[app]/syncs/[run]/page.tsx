import Link from "next/link";
import { notFound } from "next/navigation";
import { getFormatter, getTranslations } from "next-intl/server";
import { may } from "@/lib/auth/actor";
import { getApp } from "@/lib/dingtalk-apps/queries";
import { getRun, type RunDetail } from "@/lib/directory/queries";
import { isUnderWay } from "@/lib/directory/schema";
import { toProgress } from "@/lib/directory/to-progress";
import { orNotFound } from "@/lib/http/or-not-found";
import { pageActor } from "@/lib/http/page-actor";
import { getOrganization } from "@/lib/organizations/queries";
import { Card } from "../../../../../../../_components/card";
import { ClientMessages } from "../../../../../../../_components/client-messages";
import { formatDuration } from "../../../../../../../_components/duration";
import { Moment } from "../../../../../../../_components/moment";
import { PageHead } from "../../../../../../../_components/page-head";
import { RunReason } from "../../../../../../../_components/run-outcome";
import { StateBadge } from "../../../../../../../_components/state-badge";
import { SyncNow } from "../sync-now";
import { CancelSync } from "./cancel-sync";
import { LiveRun } from "./live-run";
import classes from "./run.module.css";

type OutcomeProps = { readonly run: RunDetail; readonly base: string };

/** What a run that is over did, or why it did not. */
async function Outcome({ run, base }: OutcomeProps) {
  const t = await getTranslations("sync");
  const format = await getFormatter();
  const { added: a, changed: c, moved: m, removed: r, unchanged, startedAt, finishedAt } = run;
  const took = startedAt && finishedAt && formatDuration(finishedAt.getTime() - startedAt.getTime(), format);
  const isSame = a + c + m + r === 0;
  return (
    <Card>
      <RunReason error={run.error} isFailure={run.state === "failed"} />
      {run.state === "succeeded" ? (
        <p className={classes.counts}>
          {isSame
            ? t("noChange", { n: unchanged })
            : `${t("counts", { a, c, m, r })} · ${t("unchanged", { n: unchanged })}`}
        </p>
      ) : (
        <p className={classes.counts}>{t("untouched")}</p>
      )}
      <p className={classes.meta}>
        {[
          took && t("took", { time: took }),
          t("departments", { n: run.departmentsSeen }),
          t("calls", { n: run.calls }),
        ]
          .filter(Boolean)
          .join(" · ")}
        {run.throttles > 0 && ` · ${t("throttles", { n: run.throttles })}`}
      </p>
      {run.resumes && (
        <Link href={`${base}/${run.resumes.id}`}>{t("resumed", { number: run.resumes.number })}</Link>
      )}
      {run.resumedBy && (
        <Link href={`${base}/${run.resumedBy.id}`}>{t("resumedBy", { number: run.resumedBy.number })}</Link>
      )}
    </Card>
  );
}

export default async function RunPage({ params }: PageProps<"/o/[organization]/apps/[app]/syncs/[run]">) {
  const { organization, app: appId, run: runId } = await params;
  const app = await orNotFound(getApp(await pageActor(organization, "app.read"), appId));
  const actor = await pageActor(organization, "directory.read");
  const run = await orNotFound(getRun(actor, runId));
  if (run.appId !== app.id) notFound();
  const { name, timeZone } = await getOrganization(await pageActor(organization, "organization.read"));
  const t = await getTranslations("sync");
  const base = `/o/${organization}/apps/${app.id}/syncs`;
  const title = t("run", { number: run.number });
  const isLive = isUnderWay(run.state);
  const mayStart = may(actor, "directory.sync");
  const who = run.startedBy ? t("trigger.manual", { who: run.startedBy }) : t("trigger.manualUnknown");
  return (
    <ClientMessages namespaces={["fault", "state", "sync"]}>
      <title>{`${title} · ${app.name} · ${name} – Dingkeep`}</title>
      <PageHead
        title={title}
        state={
          <>
            <StateBadge kind="run" state={run.state} />
            <span className={classes.meta}>
              {run.trigger === "manual" ? who : t(`trigger.${run.trigger}`)} ·{" "}
              <Moment at={run.startedAt ?? run.queuedAt} timeZone={timeZone} />
            </span>
          </>
        }
        actions={
          mayStart ? (
            isLive ? (
              <CancelSync organization={organization} run={run.id} />
            ) : (
              <SyncNow organization={organization} app={app.id} />
            )
          ) : undefined
        }
      />
      {isLive ? (
        <LiveRun initial={toProgress(run)} feed={`${base}/${run.id}/progress`} />
      ) : (
        <Outcome run={run} base={base} />
      )}
    </ClientMessages>
  );
}
