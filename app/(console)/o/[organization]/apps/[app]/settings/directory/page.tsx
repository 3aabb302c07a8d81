import { getTranslations } from "next-intl/server";
import { getApp } from "@/lib/dingtalk-apps/queries";
import { getDirectorySettings } from "@/lib/directory/settings/commands";
import { orNotFound } from "@/lib/http/or-not-found";
import { pageActor } from "@/lib/http/page-actor";
import { getOrganization } from "@/lib/organizations/queries";
import { ClientMessages } from "../../../../../../../_components/client-messages";
import { PageHead } from "../../../../../../../_components/page-head";
import { DirectorySettingsForm } from "./directory-settings-form";

export default async function DirectorySettingsPage({
  params,
}: PageProps<"/o/[organization]/apps/[app]/settings/directory">) {
  const { organization, app: appId } = await params;
  await pageActor(organization, "app.change");
  const actor = await pageActor(organization, "app.read");
  const app = await orNotFound(getApp(actor, appId));
  const settings = await getDirectorySettings(actor, app.id);
  const { name } = await getOrganization(await pageActor(organization, "organization.read"));
  const t = await getTranslations("directorySettings");
  return (
    <ClientMessages namespaces={["auth", "directorySettings"]}>
      <title>{`${t("title")} · ${app.name} · ${name} – Dingkeep`}</title>
      <PageHead title={t("title")} />
      <DirectorySettingsForm organization={organization} app={app.id} settings={settings} />
    </ClientMessages>
  );
}
