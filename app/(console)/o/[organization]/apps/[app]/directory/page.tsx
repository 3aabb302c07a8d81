import { IconAlertTriangle, IconInfoCircle } from "@tabler/icons-react";
import { getLocale, getTranslations } from "next-intl/server";
import type { ReactNode } from "react";
import { z } from "zod";
import { LivePage } from "@/app/_components/live/live-page";
import { Link } from "@/app/_components/navigation/link";
import { ClientMessages } from "@/app/_components/page/client-messages";
import { PageHeader } from "@/app/_components/page/page-header";
import { DateTime } from "@/app/_components/time/date-time";
import { may } from "@/lib/auth/actor";
import { getApp } from "@/lib/dingtalk-apps/queries";
import { CHART_KINDS } from "@/lib/directory/charts/kinds";
import { listPastRuns } from "@/lib/directory/history/list-past-runs";
import { departmentId, ROOT_DEPARTMENT_ID, userId } from "@/lib/directory/ids";
import { getDirectorySummary } from "@/lib/directory/runs/directory-summary";
import { getLiveState } from "@/lib/directory/runs/live-state";
import { searchText } from "@/lib/directory/search/schema";
import { getTreeStart, type TreeStart } from "@/lib/directory/tree/get-tree-start";
import { orNotFound, pageActor } from "@/lib/http/authorize-page";
import { getOrganization } from "@/lib/organizations/queries";
import { SyncButton } from "../syncs/sync-button";
import chartClasses from "./charts/charts.module.css";
import { SelectedChart, ViewSwitch } from "./charts/view-switch";
import classes from "./directory.module.css";
import { DirectoryView } from "./directory-view";
import { EmptyDirectory } from "./empty-directory";
import { ExportMenu } from "./export-menu";
import { TimeTravel } from "./time-travel/time-travel";

/** Invalid parameters are ignored. */
const pageQuery = z.object({
  /** The run whose directory is shown. Charts always show the present. */
  at: z.string().optional().catch(undefined),
  node: departmentId.optional().catch(undefined),
  member: userId.optional().catch(undefined),
  q: searchText.optional().catch(undefined),
  /** A chart instead of the tree. */
  view: z.enum(CHART_KINDS).optional().catch(undefined),
});

type HintProps = { readonly tone?: "caution"; readonly children: ReactNode };

const Hint = ({ tone, children }: HintProps) => (
  <p className={classes.line} data-tone={tone}>
    {tone ? <IconAlertTriangle size={16} aria-hidden /> : <IconInfoCircle size={16} aria-hidden />}
    <span>{children}</span>
  </p>
);

type HintsProps = { readonly start: TreeStart; readonly base: string };

async function Hints({ start, base }: HintsProps) {
  const t = await getTranslations("directory");
  const isPartial = !start.roots.items.some(({ id }) => id === ROOT_DEPARTMENT_ID);
  const failedAt = start.failedAt && <DateTime at={start.failedAt} />;
  const toApp = (text: ReactNode) => <Link href={base}>{text}</Link>;
  return (
    <>
      {failedAt && <Hint tone="caution">{t.rich("lastFailed", { time: () => failedAt, link: toApp })}</Hint>}
      {isPartial && <Hint>{t("partial")}</Hint>}
    </>
  );
}

type Props = PageProps<"/o/[organization]/apps/[app]/directory">;

export default async function DirectoryPage({ params, searchParams }: Props) {
  const { organization, app: appId } = await params;
  const actor = await pageActor(organization, "directory.read");
  const { at, node, member, q, view } = pageQuery.parse(await searchParams);
  const reader = await pageActor(organization, "app.read");
  const locale = await getLocale();
  const [live, app, runs, { name }] = await orNotFound(
    Promise.all([
      getLiveState(actor, appId),
      getApp(reader, appId),
      listPastRuns(actor, appId),
      getOrganization(await pageActor(organization, "organization.read")),
    ]),
  );
  const start = await orNotFound(
    getTreeStart(actor, app.id, { selectedId: node, at: view ? undefined : at, locale }),
  );
  const t = await getTranslations("directory");
  const base = `/o/${organization}/apps/${app.id}`;
  const { departmentCount, memberCount } = start;
  const past = start.at && { ...start.at, finishedAt: start.at.finishedAt.toISOString() };
  const hasContent = departmentCount > 0 || past !== null;
  const synced = !past && app.lastSeenAt && <DateTime at={app.lastSeenAt} />;
  return (
    <ClientMessages
      namespaces={["auth", "changes", "directory", "removed", "sync", ...(view ? (["charts"] as const) : [])]}
    >
      <title>{`${t("title")} · ${app.name} · ${name} – Dingkeep`}</title>
      <div
        className={hasContent ? (view ? chartClasses : classes).page : undefined}
        data-past={past !== null || undefined}
      >
        <PageHeader
          title={t("title")}
          state={
            <span className={classes.meta}>
              <Link href={base}>
                <bdi>{app.name}</bdi>
              </Link>
              {departmentCount > 0 && <> · {t("count", { n: departmentCount })}</>}
              {memberCount > 0 && <> · {t("people", { n: memberCount })}</>}
              {synced && <> · {t.rich("synced", { time: () => synced })}</>}
            </span>
          }
          actions={
            departmentCount > 0 ? (
              <>
                <ExportMenu address={`${base}/directory`} at={past?.id ?? null} />
                {!past && may(actor, "directory.sync") && (
                  <SyncButton organization={organization} app={app} />
                )}
              </>
            ) : undefined
          }
        />
        {hasContent ? (
          <>
            {past && <TimeTravel address={`${base}/directory`} page={runs} at={past} />}
            {!past && <Hints start={start} base={base} />}
            {!past && (
              <div className={classes.bar}>
                <ViewSwitch view={view ?? "tree"} />
                {!view && runs.runs.length > 0 && (
                  <TimeTravel address={`${base}/directory`} page={runs} at={null} />
                )}
              </div>
            )}
            {view ? (
              <SelectedChart view={view} address={`${base}/directory`} />
            ) : (
              <LivePage feed={`/o/${organization}/live?app=${app.id}`} initial={live}>
                <DirectoryView
                  key={past?.id ?? "now"}
                  start={{
                    address: `${base}/directory`,
                    app: app.id,
                    restoreOrganization: may(actor, "directory.decide") ? organization : null,
                    removedCount: start.removedCount,
                    roots: start.roots,
                    children: start.children,
                    selectedId: node ?? null,
                    selected: start.selected,
                    memberId: member ?? null,
                    at: past?.id ?? null,
                    revision: start.revision,
                    query: past ? "" : (q ?? ""),
                  }}
                />
              </LivePage>
            )}
          </>
        ) : (
          <LivePage feed={`/o/${organization}/live?app=${app.id}`} initial={live}>
            <EmptyDirectory
              organization={organization}
              app={app}
              summary={await getDirectorySummary(actor, app.id)}
              maySync={may(actor, "directory.sync")}
            />
          </LivePage>
        )}
      </div>
    </ClientMessages>
  );
}
