import { getTranslations } from "next-intl/server";
import { may } from "@/lib/auth/actor";
import { pageActor } from "@/lib/http/page-actor";
import { getOrganization } from "@/lib/organizations/queries";
import { Card } from "../../../../_components/card";
import { DeleteOrganization } from "./delete-organization";
import { RenameForm } from "./rename-form";

export default async function SettingsPage({ params }: PageProps<"/o/[organization]/settings">) {
  const { organization } = await params;
  const actor = await pageActor(organization, "organization.read");
  const { name } = await getOrganization(actor);
  const t = await getTranslations("settings");
  const common = await getTranslations("common");
  const mayRename = may(actor, "organization.rename");
  return (
    <>
      <title>{`${t("title")} · ${name} – Dingkeep`}</title>
      <h1>{t("title")}</h1>
      <Card title={t("general")}>
        {mayRename ? (
          <RenameForm organization={organization} name={name} />
        ) : (
          <p style={{ margin: 0 }}>
            <bdi>{name}</bdi> · {common("needsAdmin")}
          </p>
        )}
      </Card>
      <Card title={t("danger")} isDanger>
        <p style={{ margin: 0 }}>{t("dangerHelp")}</p>
        {may(actor, "organization.delete") ? (
          <DeleteOrganization organization={organization} name={name} />
        ) : (
          <p style={{ margin: 0 }}>{common("needsOwner")}</p>
        )}
      </Card>
    </>
  );
}
