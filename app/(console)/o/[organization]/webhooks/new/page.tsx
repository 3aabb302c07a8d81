import { getTranslations } from "next-intl/server";
import { ClientMessages } from "@/app/_components/page/client-messages";
import { PageHeader } from "@/app/_components/page/page-header";
import { listApps } from "@/lib/dingtalk-apps/queries";
import { pageActor } from "@/lib/http/authorize-page";
import { getOrganization } from "@/lib/organizations/queries";
import { CreateWebhook } from "./create-webhook";

export default async function NewWebhookPage({ params }: PageProps<"/o/[organization]/webhooks/new">) {
  const { organization } = await params;
  await pageActor(organization, "webhook.manage");
  const apps = await listApps(await pageActor(organization, "app.read"));
  const { name } = await getOrganization(await pageActor(organization, "organization.read"));
  const t = await getTranslations("webhooks");
  return (
    <ClientMessages namespaces={["auth", "webhooks"]}>
      <title>{`${t("create")} · ${name} – Dingkeep`}</title>
      <PageHeader title={t("create")} />
      <CreateWebhook
        organization={organization}
        apps={apps.map(({ id, name: called }) => ({ id, name: called }))}
      />
    </ClientMessages>
  );
}
