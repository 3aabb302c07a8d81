import { getTranslations } from "next-intl/server";
import type { Quota } from "@/lib/calls/quota/quota";
import { Card } from "../../../../../_components/card";
import { QuotaFacts } from "../../../../../_components/quota";

type Props = { readonly quota: Quota };

/** How many calls the app has made this month, of those that DingTalk charges. */
export async function QuotaCard({ quota }: Props) {
  const t = await getTranslations("quota");
  return (
    <Card title={t("title")}>
      <QuotaFacts quota={quota} />
    </Card>
  );
}
