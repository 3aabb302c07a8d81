import { getTranslations } from "next-intl/server";
import { pageActor } from "@/lib/http/page-actor";
import { getOrganization } from "@/lib/organizations/queries";
import { Card } from "../../../_components/card";

export default async function OverviewPage({ params }: PageProps<"/o/[organization]">) {
  const actor = await pageActor((await params).organization, "organization.read");
  const { name } = await getOrganization(actor);
  const t = await getTranslations("overview");
  return (
    <>
      <title>{`${t("title")} · ${name} – Dingkeep`}</title>
      <h1>{t("start")}</h1>
      <Card>
        <p style={{ margin: 0 }}>{t("welcome", { name })}</p>
      </Card>
    </>
  );
}
