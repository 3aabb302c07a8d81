import { getTranslations } from "next-intl/server";
import { HourChart } from "@/app/_components/charts/hour-chart";
import { hoursUntil, RANGES, rangeOf } from "@/app/_components/charts/hour-series";
import { AnnounceNewItems } from "@/app/_components/feedback/announce";
import { addressOf } from "@/app/_components/navigation/address-of";
import { Link } from "@/app/_components/navigation/link";
import { LinkButton } from "@/app/_components/navigation/link-button";
import { Pagination } from "@/app/_components/navigation/pagination";
import { Card } from "@/app/_components/page/card";
import { ClientMessages } from "@/app/_components/page/client-messages";
import { PageHeader } from "@/app/_components/page/page-header";
import { StateBadge } from "@/app/_components/status/state-badge";
import { TimeZoneNote } from "@/app/_components/time/time-zone";
import { may } from "@/lib/auth/actor";
import { orNotFound, pageActor } from "@/lib/http/authorize-page";
import { getOrganization } from "@/lib/organizations/queries";
import { encodeCursor } from "@/lib/pagination/cursor";
import { countByHour } from "@/lib/webhooks/delivery/attempt-counts";
import { listAttempts } from "@/lib/webhooks/delivery/attempts";
import { getEndpoint } from "@/lib/webhooks/endpoints/queries";
import { attemptsQuery } from "@/lib/webhooks/endpoints/schema";
import { AttemptFilters } from "./attempt-filters";
import { toAttemptSeries } from "./attempt-series";
import { AttemptTable } from "./attempt-table";
import { EndpointNotice } from "./endpoint-notice";
import { ResendSince } from "./resend-since";
import { TestWebhook } from "./test-webhook";

const PAGE_SIZE = 50;

export default async function WebhookPage({
  params,
  searchParams,
}: PageProps<"/o/[organization]/webhooks/[webhook]">) {
  const { organization, webhook: webhookId } = await params;
  const search = await searchParams;
  const { before, type, outcome } = attemptsQuery.parse(search);
  const range = rangeOf(search.range);
  const actor = await pageActor(organization, "webhook.read");
  // Server components render once.
  // oxlint-disable-next-line react/purity
  const hours = hoursUntil(Date.now(), RANGES[range]);
  const isSuccess = outcome === undefined ? undefined : outcome === "delivered";
  const [endpoint, counts, { attempts, next }, { name, timeZone }] = await orNotFound(
    Promise.all([
      getEndpoint(actor, webhookId),
      countByHour(actor, webhookId, new Date(hours[0] ?? 0)),
      listAttempts(actor, webhookId, { type, isSuccess, before, limit: PAGE_SIZE }),
      getOrganization(await pageActor(organization, "organization.read")),
    ]),
  );
  const t = await getTranslations("webhooks");
  const base = `/o/${organization}/webhooks/${endpoint.id}`;
  const mayManage = may(actor, "webhook.manage");
  const filters = { type, outcome };
  const isNarrowed = type !== undefined || outcome !== undefined;
  const sentence = attempts.length > 0 ? t("listed", { n: attempts.length }) : t("none");
  return (
    <ClientMessages namespaces={["auth", "webhooks", "state"]}>
      <title>{`${endpoint.url} · ${name} – Dingkeep`}</title>
      <PageHeader
        title={endpoint.url}
        state={<StateBadge kind="webhook" state={endpoint.state} />}
        actions={
          mayManage ? (
            <LinkButton variant="default" href={`${base}/settings`}>
              {t("settings")}
            </LinkButton>
          ) : undefined
        }
      />
      <EndpointNotice organization={organization} endpoint={endpoint} mayManage={mayManage} />
      {mayManage && <TestWebhook organization={organization} webhook={endpoint.id} />}
      <HourChart
        title={t("deliveries")}
        base={base}
        range={range}
        hours={hours}
        series={toAttemptSeries(counts, hours, { delivered: t("delivered"), failed: t("failed") })}
        timeZone={timeZone}
        scaleOf={(n) => t("scale", { n })}
        empty={t("noDeliveries")}
      />
      <AnnounceNewItems items={[{ key: JSON.stringify(filters), sentence }]} />
      <h2>{t("attempts")}</h2>
      <AttemptFilters type={type} outcome={outcome} />
      {attempts.length > 0 ? (
        <>
          <TimeZoneNote />
          <AttemptTable attempts={attempts} base={base} />
        </>
      ) : (
        <p>
          {t("none")} {isNarrowed && <Link href={base}>{t("clear")}</Link>}
        </p>
      )}
      <Pagination
        links={{
          first: before !== undefined && addressOf(base, filters),
          next: next !== null && addressOf(base, { ...filters, before: encodeCursor(next) }),
        }}
      />
      {mayManage && endpoint.state !== "disabled" && (
        <Card title={t("resendTitle")}>
          <ResendSince organization={organization} webhook={endpoint.id} />
        </Card>
      )}
    </ClientMessages>
  );
}
