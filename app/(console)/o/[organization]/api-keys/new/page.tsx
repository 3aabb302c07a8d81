import { getTranslations } from "next-intl/server";
import { ClientMessages } from "@/app/_components/page/client-messages";
import { listApps } from "@/lib/dingtalk-apps/queries";
import { env } from "@/lib/env";
import { pageActor } from "@/lib/http/authorize-page";
import { getOrganization } from "@/lib/organizations/queries";
import { CreateKey } from "./create-key";

export default async function NewKeyPage({ params }: PageProps<"/o/[organization]/api-keys/new">) {
  const { organization } = await params;
  await pageActor(organization, "key.manage");
  const apps = await listApps(await pageActor(organization, "app.read"));
  const { name } = await getOrganization(await pageActor(organization, "organization.read"));
  const t = await getTranslations("key");
  return (
    <ClientMessages namespaces={["key"]}>
      <title>{`${t("create")} · ${name} – Dingkeep`}</title>
      <h1>{t("create")}</h1>
      <CreateKey
        organization={organization}
        apps={apps.map((app) => ({ id: app.id, name: app.name }))}
        origin={new URL(env().NEXTAUTH_URL).origin}
      />
    </ClientMessages>
  );
}
