import { getTranslations } from "next-intl/server";
import { EmptyState } from "@/app/_components/page/empty-state";
import { PageHeader } from "@/app/_components/page/page-header";

/** A page of the user's organization that needs another role. Other organizations' pages are not found instead. */
export default async function Forbidden() {
  const t = await getTranslations("error");
  return (
    <>
      <title>{`${t("forbiddenTitle")} – Dingkeep`}</title>
      <PageHeader title={t("forbiddenTitle")} />
      <EmptyState title={t("forbidden")} help={t("forbiddenHelp")} action={{ href: "/", label: t("home") }} />
    </>
  );
}
