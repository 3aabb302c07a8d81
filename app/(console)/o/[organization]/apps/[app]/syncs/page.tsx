import Link from "next/link";
import { getFormatter, getTranslations } from "next-intl/server";
import { may } from "@/lib/auth/actor";
import { getApp } from "@/lib/dingtalk-apps/queries";
import { listRuns, type Run } from "@/lib/directory/queries";
import { orNotFound } from "@/lib/http/or-not-found";
import { pageActor } from "@/lib/http/page-actor";
import { getOrganization } from "@/lib/organizations/queries";
import { ClientMessages } from "../../../../../../_components/client-messages";
import { formatDuration } from "../../../../../../_components/duration";
import { EmptyState } from "../../../../../../_components/empty-state";
import { Moment } from "../../../../../../_components/moment";
import { PageHead } from "../../../../../../_components/page-head";
import { StateBadge } from "../../../../../../_components/state-badge";
import { ZoneLine } from "../../../../../../_components/time-zone";
import { SyncNow } from "./sync-now";
import classes from "./syncs.module.css";

type RowProps = { readonly run: Run; readonly href: string; readonly timeZone: string };

async function Row({ run, href, timeZone }: RowProps) {
  const t = await getTranslations("sync");
  const format = await getFormatter();
  const { startedAt, finishedAt, state } = run;
  const took = startedAt && finishedAt && formatDuration(finishedAt.getTime() - startedAt.getTime(), format);
  const who = run.startedBy ? t("trigger.manual", { who: run.startedBy }) : t("trigger.manualUnknown");
  return (
    <li className={classes.row}>
      <Link href={href} className={classes.number}>
        {t("run", { number: run.number })}
      </Link>
      <StateBadge kind="run" state={state} />
      <span className={classes.meta}>{run.trigger === "manual" ? who : t(`trigger.${run.trigger}`)}</span>
      <span className={classes.meta}>
        <Moment at={startedAt ?? run.queuedAt} timeZone={timeZone} isAbsolute />
        {took && ` · ${took}`}
      </span>
      <span className={classes.counts}>
        {state === "succeeded" && t("counts", { a: run.added, c: run.changed, m: run.moved, r: run.removed })}
      </span>
      <span className={classes.calls}>{t("calls", { n: run.calls })}</span>
    </li>
  );
}

export default async function SyncsPage({
  params,
  searchParams,
}: PageProps<"/o/[organization]/apps/[app]/syncs">) {
  const { organization, app: appId } = await params;
  const app = await orNotFound(getApp(await pageActor(organization, "app.read"), appId));
  const actor = await pageActor(organization, "directory.read");
  const { before } = await searchParams;
  const cursor = typeof before === "string" ? before : null;
  const { runs, cursor: older } = await listRuns(actor, app.id, { cursor });
  const { name, timeZone } = await getOrganization(await pageActor(organization, "organization.read"));
  const t = await getTranslations("sync");
  const base = `/o/${organization}/apps/${app.id}/syncs`;
  return (
    <ClientMessages namespaces={["state", "sync"]}>
      <title>{`${t("title")} · ${app.name} · ${name} – Dingkeep`}</title>
      <PageHead
        title={t("title")}
        actions={
          may(actor, "directory.sync") ? <SyncNow organization={organization} app={app.id} /> : undefined
        }
      />
      {runs.length === 0 ? (
        <EmptyState title={t("empty")} />
      ) : (
        <>
          <ZoneLine />
          <ol className={classes.list}>
            {runs.map((run) => (
              <Row key={run.id} run={run} href={`${base}/${run.id}`} timeZone={timeZone} />
            ))}
          </ol>
          <nav className={classes.pages} aria-label={t("title")}>
            {cursor && <Link href={base}>{t("newest")}</Link>}
            {older && <Link href={`${base}?before=${older}`}>{t("older")}</Link>}
          </nav>
        </>
      )}
    </ClientMessages>
  );
}
