import { getTranslations } from "next-intl/server";
import { AnnounceNewItems } from "@/app/_components/feedback/announce";
import { LivePage } from "@/app/_components/live/live-page";
import { Link } from "@/app/_components/navigation/link";
import { TwoWayPagination } from "@/app/_components/navigation/pagination";
import { ClientMessages } from "@/app/_components/page/client-messages";
import { EmptyState } from "@/app/_components/page/empty-state";
import { PageHeader } from "@/app/_components/page/page-header";
import { TimeZoneNote } from "@/app/_components/time/time-zone";
import { may } from "@/lib/auth/actor";
import { type App, getApp } from "@/lib/dingtalk-apps/queries";
import { listRuns } from "@/lib/directory/runs/list-runs";
import { getLiveState } from "@/lib/directory/runs/live-state";
import { canSync } from "@/lib/directory/runs/run-states";
import { runsQuery } from "@/lib/directory/runs/schema";
import { orNotFound, pageActor } from "@/lib/http/authorize-page";
import { getOrganization } from "@/lib/organizations/queries";
import { RunFilters } from "./run-filters";
import { RunTable } from "./run-table";
import { SyncButton } from "./sync-button";
import { SyncNowButton } from "./sync-now-button";

async function Actions({ organization, app }: { readonly organization: string; readonly app: App }) {
  const t = await getTranslations("sync");
  return (
    <>
      {canSync(app.state) && (
        <SyncNowButton
          organization={organization}
          app={app.id}
          isPrimary={false}
          isPreview
          label={t("preview")}
        />
      )}
      <SyncButton organization={organization} app={app} />
    </>
  );
}

export default async function SyncsPage({
  params,
  searchParams,
}: PageProps<"/o/[organization]/apps/[app]/syncs">) {
  const { organization, app: appId } = await params;
  const query = runsQuery.parse(await searchParams);
  const actor = await pageActor(organization, "directory.read");
  const reader = await pageActor(organization, "app.read");
  const [live, app, page, { name }] = await orNotFound(
    Promise.all([
      getLiveState(actor, appId),
      getApp(reader, appId),
      listRuns(actor, appId, query),
      getOrganization(await pageActor(organization, "organization.read")),
    ]),
  );
  const t = await getTranslations("sync");
  const base = `/o/${organization}/apps/${app.id}/syncs`;
  const isNarrowed = [query.state, query.trigger, query.mode].some((choice) => choice !== undefined);
  const isFirstPage = query.before === undefined && query.after === undefined;
  const sentence = page.runs.length > 0 ? t("listed", { n: page.runs.length }) : t("filterNone");
  return (
    <ClientMessages namespaces={["state", "sync"]}>
      <title>{`${t("title")} · ${app.name} · ${name} – Dingkeep`}</title>
      <PageHeader
        title={t("title")}
        actions={may(actor, "directory.sync") ? <Actions organization={organization} app={app} /> : undefined}
      />
      <LivePage feed={`/o/${organization}/live?app=${app.id}`} initial={live}>
        {page.runs.length === 0 && !isNarrowed && isFirstPage ? (
          <EmptyState title={t("empty")} help={t("emptyHelp")} />
        ) : (
          <>
            <AnnounceNewItems items={[{ key: JSON.stringify(query), sentence }]} />
            <RunFilters state={query.state} trigger={query.trigger} mode={query.mode} />
            {page.runs.length === 0 ? (
              <p>
                {t("filterNone")} · <Link href={base}>{t("filterClear")}</Link>
              </p>
            ) : (
              <>
                <TimeZoneNote />
                <RunTable runs={page.runs} base={base} />
              </>
            )}
            <TwoWayPagination
              base={base}
              filters={{ state: query.state, trigger: query.trigger, mode: query.mode }}
              page={page}
            />
          </>
        )}
      </LivePage>
    </ClientMessages>
  );
}
