import { getTranslations } from "next-intl/server";
import { AnnounceNewItems } from "@/app/_components/feedback/announce";
import { LivePage } from "@/app/_components/live/live-page";
import { Link } from "@/app/_components/navigation/link";
import { TwoWayPagination } from "@/app/_components/navigation/pagination";
import { Card } from "@/app/_components/page/card";
import { ClientMessages } from "@/app/_components/page/client-messages";
import { EmptyState } from "@/app/_components/page/empty-state";
import { PageHeader } from "@/app/_components/page/page-header";
import { TimeZoneNote } from "@/app/_components/time/time-zone";
import { may } from "@/lib/auth/actor";
import { getApp } from "@/lib/dingtalk-apps/queries";
import { getLiveEvents } from "@/lib/events/live-events";
import { listEvents } from "@/lib/events/queries";
import { eventsQuery } from "@/lib/events/schema";
import { getSubscription } from "@/lib/events/subscription/queries";
import { orNotFound, pageActor } from "@/lib/http/authorize-page";
import { getOrganization } from "@/lib/organizations/queries";
import { EventFilters } from "./event-filters";
import { EventTable } from "./event-table";
import { ReprocessSince } from "./reprocess-since";
import { SubscriptionCard } from "./subscription-card";

export default async function EventsPage({
  params,
  searchParams,
}: PageProps<"/o/[organization]/apps/[app]/events">) {
  const { organization, app: appId } = await params;
  const query = eventsQuery.parse(await searchParams);
  const reader = await pageActor(organization, "directory.read");
  const actor = await pageActor(organization, "app.read");
  const [live, app, subscription, listed, { name }] = await orNotFound(
    Promise.all([
      getLiveEvents(reader, appId),
      getApp(actor, appId),
      getSubscription(actor, appId),
      listEvents(reader, appId, query),
      getOrganization(await pageActor(organization, "organization.read")),
    ]),
  );
  const t = await getTranslations("events");
  const base = `/o/${organization}/apps/${app.id}/events`;
  const page = listed.ok ? listed.value : null;
  const { type, state } = query;
  const isNarrowed = type !== undefined || state !== undefined;
  const isFirstPage = query.before === undefined && query.after === undefined;
  const isEmpty = page?.events.length === 0 && !isNarrowed && isFirstPage;
  const sentence = page && page.events.length > 0 ? t("listed", { n: page.events.length }) : t("none");
  return (
    <ClientMessages namespaces={["auth", "events", "state"]}>
      <title>{`${t("title")} · ${app.name} · ${name} – Dingkeep`}</title>
      <PageHeader title={t("title")} />
      <LivePage feed={`${base}/live`} initial={live}>
        <SubscriptionCard
          organization={organization}
          app={app.id}
          isThirdParty={app.kind === "isv"}
          mayChange={may(actor, "app.change")}
          subscription={subscription}
        />
        {isEmpty && subscription !== null && <EmptyState title={t("empty")} help={t("emptyHelp")} />}
        {!isEmpty && (
          <>
            <AnnounceNewItems items={[{ key: JSON.stringify(query), sentence }]} />
            <EventFilters type={type} state={state} />
            {page === null && <p role="alert">{t("tooSlow")}</p>}
            {page?.events.length === 0 && (
              <p>
                {t("none")} · <Link href={base}>{t("clear")}</Link>
              </p>
            )}
            {page && page.events.length > 0 && (
              <>
                <TimeZoneNote />
                <EventTable events={page.events} base={base} />
              </>
            )}
            {page && <TwoWayPagination base={base} filters={{ type, state }} page={page} />}
            {may(reader, "directory.sync") && (
              <Card title={t("reprocessTitle")}>
                <ReprocessSince organization={organization} app={app.id} />
              </Card>
            )}
          </>
        )}
      </LivePage>
    </ClientMessages>
  );
}
