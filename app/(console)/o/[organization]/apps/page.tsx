import { getTranslations } from "next-intl/server";
import { LivePage } from "@/app/_components/live/live-page";
import { LinkButton } from "@/app/_components/navigation/link-button";
import { ClientMessages } from "@/app/_components/page/client-messages";
import { EmptyState } from "@/app/_components/page/empty-state";
import { PageHeader } from "@/app/_components/page/page-header";
import { may } from "@/lib/auth/actor";
import { pageActor } from "@/lib/http/authorize-page";
import { getOrganization } from "@/lib/organizations/queries";
import { AppList } from "./app-list";
import { loadApps } from "./load-apps";

export default async function AppsPage({ params }: PageProps<"/o/[organization]/apps">) {
  const { organization } = await params;
  const actor = await pageActor(organization, "app.read");
  const { name } = await getOrganization(await pageActor(organization, "organization.read"));
  const { rows, live } = await loadApps(organization);
  const t = await getTranslations("app");
  const connect = { href: `/o/${organization}/apps/new`, label: t("connect") };
  const mayConnect = may(actor, "app.connect");
  return (
    <ClientMessages namespaces={["sync"]}>
      <title>{`${t("list")} · ${name} – Dingkeep`}</title>
      <PageHeader
        title={t("list")}
        actions={
          mayConnect && rows.length > 0 ? (
            <LinkButton href={connect.href}>{connect.label}</LinkButton>
          ) : undefined
        }
      />
      <LivePage feed={`/o/${organization}/live`} initial={live}>
        {rows.length === 0 ? (
          <EmptyState
            title={t("emptyTitle")}
            help={t("emptyHelp")}
            {...(mayConnect && { action: connect })}
          />
        ) : (
          <AppList organization={organization} apps={rows} />
        )}
      </LivePage>
    </ClientMessages>
  );
}
