import { getTranslations } from "next-intl/server";
import { AnnounceNewItems } from "@/app/_components/feedback/announce";
import { Notice } from "@/app/_components/feedback/notice";
import { Link } from "@/app/_components/navigation/link";
import { TwoWayPagination } from "@/app/_components/navigation/pagination";
import { Card } from "@/app/_components/page/card";
import { ClientMessages } from "@/app/_components/page/client-messages";
import { EmptyState } from "@/app/_components/page/empty-state";
import { PageHeader } from "@/app/_components/page/page-header";
import { QuotaFacts, QuotaNotice } from "@/app/_components/status/quota";
import { DisplayName } from "@/app/_components/text/display-name";
import { TimeZoneNote } from "@/app/_components/time/time-zone";
import { may } from "@/lib/auth/actor";
import { FILTERS } from "@/lib/calls/filters";
import { listCalls, readCallNames } from "@/lib/calls/list-calls";
import { type AppQuota, listQuotas } from "@/lib/calls/quota/queries";
import { type CallsQuery, callsQuery } from "@/lib/calls/schema";
import { pageActor } from "@/lib/http/authorize-page";
import { getOrganization } from "@/lib/organizations/queries";
import { CallFilters } from "./call-filters";
import { CallTable } from "./call-table";
import classes from "./calls.module.css";

const filtersOf = (query: CallsQuery) => Object.fromEntries(FILTERS.map((name) => [name, query[name]]));

const mapOf = (named: readonly { readonly id: string; readonly name: string }[]) =>
  new Map(named.map(({ id, name }) => [id, name]));

export default async function CallsPage({ params, searchParams }: PageProps<"/o/[organization]/calls">) {
  const { organization } = await params;
  const query = callsQuery.parse(await searchParams);
  const actor = await pageActor(organization, "call.read");
  const reader = await pageActor(organization, "app.read");
  const [listed, { keys, droppedCalls }, quotas, { name }] = await Promise.all([
    listCalls(actor, query),
    readCallNames(actor),
    listQuotas(reader),
    getOrganization(await pageActor(organization, "organization.read")),
  ]);
  const t = await getTranslations("calls");
  const [base, home] = [`/o/${organization}/calls`, `/o/${organization}`];
  const apps = quotas.map(({ appId: id, name: called }) => ({ id, name: called }));
  const page = listed.ok ? listed.value : null;
  const isNarrowed = FILTERS.some((filter) => query[filter] !== undefined);
  const isFirstPage = query.before === undefined && query.after === undefined;
  const isEmpty = page?.calls.length === 0 && !isNarrowed && isFirstPage;
  const found = page && { n: page.calls.length };
  const announcements = found && [
    { key: JSON.stringify(query), sentence: found.n > 0 ? t("listed", found) : t("none") },
  ];
  return (
    <ClientMessages namespaces={["calls", "state"]}>
      <title>{`${t("title")} · ${name} – Dingkeep`}</title>
      <PageHeader title={t("title")} />
      <AnnounceNewItems items={announcements ?? []} />
      {quotas
        .filter(({ quota }) => quota.level !== "fine")
        .map(({ appId, name: called, quota }) => (
          <div key={appId} className={classes.notice}>
            <QuotaNotice
              quota={quota}
              name={called}
              settings={may(reader, "app.change") ? `${home}/apps/${appId}/settings` : null}
            />
          </div>
        ))}
      {quotas.length > 0 && <QuotaList quotas={quotas} base={home} />}
      {droppedCalls > 0 && (
        <div className={classes.notice}>
          <Notice tone="neutral" title={t("droppedCalls", { n: droppedCalls })}>
            {t("droppedCallsHelp")}
          </Notice>
        </div>
      )}
      {isEmpty ? (
        <EmptyState title={t("empty")} help={t("emptyHelp")} />
      ) : (
        <>
          <CallFilters filters={query} apps={apps} keys={keys} />
          {page === null && <p role="alert">{t("tooSlow")}</p>}
          {page?.calls.length === 0 && (
            <p>
              {t("none")} · <Link href={base}>{t("clear")}</Link>
            </p>
          )}
          {page && page.calls.length > 0 && (
            <>
              <TimeZoneNote />
              <CallTable calls={page.calls} apps={mapOf(apps)} keys={mapOf(keys)} />
            </>
          )}
          {page && <TwoWayPagination base={base} filters={filtersOf(query)} page={page} />}
        </>
      )}
    </ClientMessages>
  );
}

type Props = { readonly quotas: readonly AppQuota[]; readonly base: string };

/** Each app's charged calls this month. */
export async function QuotaList({ quotas, base }: Props) {
  const t = await getTranslations("quota");
  return (
    <Card title={t("title")}>
      <div className={classes.quotas}>
        {quotas.map(({ appId, name, quota }) => (
          <section key={appId}>
            <h3>
              <Link href={`${base}/apps/${appId}`}>
                <DisplayName name={name} nameless={appId} />
              </Link>
            </h3>
            <QuotaFacts quota={quota} />
          </section>
        ))}
      </div>
    </Card>
  );
}
