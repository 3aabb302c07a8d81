import { getTranslations } from "next-intl/server";
import { LinkButton } from "@/app/_components/navigation/link-button";
import { ClientMessages } from "@/app/_components/page/client-messages";
import { EmptyState } from "@/app/_components/page/empty-state";
import { PageHeader } from "@/app/_components/page/page-header";
import { TimeZoneNote } from "@/app/_components/time/time-zone";
import { listKeys } from "@/lib/api-keys/queries";
import { readKeyUse } from "@/lib/calls/quota/queries";
import { listApps } from "@/lib/dingtalk-apps/queries";
import { pageActor } from "@/lib/http/authorize-page";
import { getOrganization } from "@/lib/organizations/queries";
import { KeyList } from "./key-list";

export default async function ApiKeysPage({ params }: PageProps<"/o/[organization]/api-keys">) {
  const { organization } = await params;
  const keys = await listKeys(await pageActor(organization, "key.read"));
  const used = await readKeyUse(await pageActor(organization, "key.read"));
  const apps = await listApps(await pageActor(organization, "app.read"));
  const { name } = await getOrganization(await pageActor(organization, "organization.read"));
  const t = await getTranslations("key");
  const create = { href: `/o/${organization}/api-keys/new`, label: t("create") };
  const hasKeys = keys.length > 0;
  return (
    <ClientMessages namespaces={["key"]}>
      <title>{`${t("title")} · ${name} – Dingkeep`}</title>
      <PageHeader
        title={t("title")}
        actions={hasKeys ? <LinkButton href={create.href}>{create.label}</LinkButton> : undefined}
      />
      {hasKeys ? (
        <>
          <TimeZoneNote />
          <KeyList organization={organization} keys={keys} apps={apps} used={used} />
        </>
      ) : (
        <EmptyState title={t("emptyTitle")} help={t("emptyHelp")} action={create} />
      )}
    </ClientMessages>
  );
}
