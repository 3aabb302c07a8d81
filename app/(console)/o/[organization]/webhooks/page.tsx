import { getTranslations } from "next-intl/server";
import { LinkButton } from "@/app/_components/navigation/link-button";
import { EmptyState } from "@/app/_components/page/empty-state";
import { PageHeader } from "@/app/_components/page/page-header";
import { TimeZoneNote } from "@/app/_components/time/time-zone";
import { may } from "@/lib/auth/actor";
import { listApps } from "@/lib/dingtalk-apps/queries";
import { pageActor } from "@/lib/http/authorize-page";
import { getOrganization } from "@/lib/organizations/queries";
import { countByEndpoint } from "@/lib/webhooks/delivery/attempt-counts";
import { listEndpoints } from "@/lib/webhooks/endpoints/queries";
import { EndpointList } from "./endpoint-list";

const DAY_MS = 24 * 60 * 60_000;

export default async function WebhooksPage({ params }: PageProps<"/o/[organization]/webhooks">) {
  const { organization } = await params;
  const actor = await pageActor(organization, "webhook.read");
  // Server components render once.
  // oxlint-disable-next-line react/purity
  const since = new Date(Date.now() - DAY_MS);
  const [endpoints, counts, apps, { name }] = await Promise.all([
    listEndpoints(actor),
    countByEndpoint(actor, since),
    listApps(await pageActor(organization, "app.read")),
    getOrganization(await pageActor(organization, "organization.read")),
  ]);
  const t = await getTranslations("webhooks");
  const base = `/o/${organization}/webhooks`;
  const create = may(actor, "webhook.manage") ? { href: `${base}/new`, label: t("create") } : undefined;
  const hasEndpoints = endpoints.length > 0;
  return (
    <>
      <title>{`${t("title")} · ${name} – Dingkeep`}</title>
      <PageHeader
        title={t("title")}
        actions={
          hasEndpoints && create ? <LinkButton href={create.href}>{create.label}</LinkButton> : undefined
        }
      />
      {hasEndpoints ? (
        <>
          <TimeZoneNote />
          <EndpointList base={base} endpoints={endpoints} counts={counts} apps={apps} />
        </>
      ) : (
        <EmptyState title={t("emptyTitle")} help={t("emptyHelp")} {...(create && { action: create })} />
      )}
    </>
  );
}
