import { getTranslations } from "next-intl/server";
import { ClientMessages } from "@/app/_components/page/client-messages";
import { egressAddresses } from "@/lib/dingtalk-apps/egress-addresses";
import { pageActor } from "@/lib/http/authorize-page";
import { getOrganization } from "@/lib/organizations/queries";
import { ConnectForm } from "./connect-form";

export default async function ConnectPage({ params }: PageProps<"/o/[organization]/apps/new">) {
  const { organization } = await params;
  await pageActor(organization, "app.connect");
  const { name } = await getOrganization(await pageActor(organization, "organization.read"));
  const t = await getTranslations("app");
  return (
    <ClientMessages namespaces={["app", "connect", "fault", "state"]}>
      <title>{`${t("connectTitle")} · ${name} – Dingkeep`}</title>
      <h1>{t("connectTitle")}</h1>
      <ConnectForm organization={organization} egress={egressAddresses()} />
    </ClientMessages>
  );
}
