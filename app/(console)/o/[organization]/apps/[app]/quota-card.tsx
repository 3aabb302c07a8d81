import { getTranslations } from "next-intl/server";
import { Link } from "@/app/_components/navigation/link";
import { Card } from "@/app/_components/page/card";
import { QuotaFacts } from "@/app/_components/status/quota";
import type { Quota } from "@/lib/calls/quota/quota";
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
