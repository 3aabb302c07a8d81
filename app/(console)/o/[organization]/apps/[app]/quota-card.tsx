import { getTranslations } from "next-intl/server";
import { Link } from "@/app/_components/link";
import type { Quota } from "@/lib/calls/quota/quota";
import { Card } from "../../../../../_components/card";
import { QuotaFacts } from "../../../../../_components/quota";
import classes from "./app.module.css";

type Props = { readonly quota: Quota; readonly href: string };

/** How many calls the app has made this month, of those that DingTalk charges. */
export async function QuotaCard({ quota, href }: Props) {
  const t = await getTranslations("quota");
  return (
    <Card title={t("title")}>
      <QuotaFacts quota={quota} />
      <Link href={href} className={classes.more}>
        {t("log")}
      </Link>
    </Card>
  );
}
